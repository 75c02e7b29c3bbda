package dev.weir.alert;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URL;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;

/**
 * Posts to addresses that a configuration names, without being led where it should not go: https,
 * or http to this machine; to the open internet unless private networks are allowed; to the very
 * address that was checked; no redirects; and not for longer than asked, whatever the server does.
 */
final class Webhook {
  /** As much of an answer as is read. */
  private static final int ANSWER = 4096;

  /** Finds the addresses of a name. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  private final Resolver resolver;
  private final SSLSocketFactory sockets;

  Webhook(Resolver resolver, SSLSocketFactory sockets) {
    this.resolver = resolver;
    this.sockets = sockets;
  }

  static Webhook ofSystem() {
    return new Webhook(InetAddress::getAllByName, (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  /**
   * Posts JSON; returns once the server has taken it.
   *
   * @param limit how long all of it may take
   */
  void post(
      URI address, Map<String, String> headers, String json, boolean allowPrivate, Duration limit)
      throws DeliveryException {
    List<InetAddress> allowed = allowed(address, allowPrivate);
    AtomicBoolean late = new AtomicBoolean();
    HttpURLConnection connection = null;
    CompletableFuture<Void> deadline = new CompletableFuture<>();
    try {
      connection = open(address, allowed);
      HttpURLConnection opened = connection;
      // Each read has a limit of its own, and a server may send a letter at a time.
      deadline =
          CompletableFuture.runAsync(
              () -> {
                late.set(true);
                opened.disconnect();
              },
              CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS));
      int code = exchange(connection, headers, json, limit);
      if (code < 200 || code > 299) {
        throw refused(connection, code);
      }
    } catch (IOException | RuntimeException e) {
      // A connection that is cut off while it is made fails in any way, with a null pointer too.
      throw late.get() || e instanceof SocketTimeoutException
          ? new DeliveryException(
              "it did not answer within %d ms".formatted(limit.toMillis()), true, e)
          : new DeliveryException(sentence(e), !(e instanceof SSLException), e);
    } finally {
      deadline.cancel(false);
      if (connection != null) {
        connection.disconnect();
      }
    }
  }

  private List<InetAddress> allowed(URI address, boolean allowPrivate) throws DeliveryException {
    String host = address.getHost();
    List<InetAddress> found;
    try {
      found = List.of(resolver.resolve(host));
    } catch (UnknownHostException e) {
      throw new DeliveryException("the host %s is not known".formatted(host), true, e);
    }
    boolean encrypted = "https".equals(address.getScheme());
    for (InetAddress one : found) {
      if (!encrypted && !one.isLoopbackAddress()) {
        throw new DeliveryException(
            "%s is not this machine, and gets nothing without encryption: take https"
                .formatted(host),
            false);
      }
      if (!one.isLoopbackAddress() && !allowPrivate && !Addresses.open(one)) {
        throw new DeliveryException(
            "%s is %s, an address of a private network: say allow-private: true if that is meant"
                .formatted(host, one.getHostAddress()),
            false);
      }
    }
    return found;
  }

  private HttpURLConnection open(URI address, List<InetAddress> allowed) throws IOException {
    if (!"https".equals(address.getScheme())) {
      // Without encryption nobody asks for the name: the address itself is connected to.
      URL url =
          new URL(
              "http",
              allowed.get(0).getHostAddress(),
              address.getPort(),
              address.toURL().getFile());
      return (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
    }
    HttpsURLConnection connection =
        (HttpsURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
    connection.setSSLSocketFactory(new CheckedSockets(sockets, allowed));
    return connection;
  }

  private static int exchange(
      HttpURLConnection connection, Map<String, String> headers, String json, Duration limit)
      throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    int millis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, limit.toMillis()));
    connection.setConnectTimeout(millis);
    connection.setReadTimeout(millis);
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    // Streamed, or the JDK would post a second time by itself when a connection breaks.
    connection.setFixedLengthStreamingMode(body.length);
    connection.setRequestProperty("User-Agent", "weir");
    connection.setRequestProperty("Connection", "close");
    headers.forEach(connection::setRequestProperty);
    connection.setRequestProperty("Content-Type", "application/json; charset=utf-8");
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body);
    }
    return connection.getResponseCode();
  }

  private static DeliveryException refused(HttpURLConnection connection, int code) {
    if (code >= 300 && code < 400) {
      return new DeliveryException(
          "it answered %d, a redirect, which is not followed: name the address itself"
              .formatted(code),
          false);
    }
    String answer = answer(connection);
    return new DeliveryException(
        "it answered %d%s".formatted(code, answer.isEmpty() ? "" : ": " + answer),
        code >= 500 || code == 408 || code == 425 || code == 429);
  }

  /** What a server says of its refusal, in a line. */
  private static String answer(HttpURLConnection connection) {
    try (InputStream in = connection.getErrorStream()) {
      if (in == null) {
        return "";
      }
      String text =
          new String(in.readNBytes(ANSWER), StandardCharsets.UTF_8)
              .replaceAll("[\\p{Cntrl}\\s]+", " ")
              .strip();
      return text.length() > 200 ? text.substring(0, 200) + " …" : text;
    } catch (IOException e) {
      return ""; // The code says enough.
    }
  }

  private static String sentence(Exception e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message.strip();
  }
}
