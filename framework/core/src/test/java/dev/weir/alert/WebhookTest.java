package dev.weir.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WebhookTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final HookServer server = new HookServer();
  private final Webhook webhook = Webhook.ofSystem();

  @AfterEach
  void close() {
    server.close();
  }

  private void post(String url) throws DeliveryException {
    webhook.post(URI.create(url), Map.of("X-Token", "t"), "{\"ü\":1}", false, LIMIT);
  }

  private static DeliveryException failure(
      Webhook webhook, String url, boolean allowPrivate, Duration limit) {
    return catchThrowableOfType(
        DeliveryException.class,
        () -> webhook.post(URI.create(url), Map.of(), "{}", allowPrivate, limit));
  }

  private DeliveryException failure(String url) {
    return failure(webhook, url, false, LIMIT);
  }

  @Test
  void thePostArrives() throws Exception {
    post(server.url("/a?b=c"));
    post("http://localhost:" + server.port() + "/a");

    assertThat(server.requests()).hasSize(2);
    HookServer.Request request = server.requests().get(0);
    assertThat(request.body()).isEqualTo("{\"ü\":1}");
    assertThat(request.headers())
        .containsEntry("X-token", "t")
        .containsEntry("Content-type", "application/json; charset=utf-8");
  }

  @Test
  void whatTheServerRefusesIsSaid() {
    server.answering("/500", 500).answering("/404", 404).answering("/429", 429);

    assertThat(failure(server.url("/500")))
        .hasMessage("it answered 500: no way")
        .returns(true, DeliveryException::passing);
    assertThat(failure(server.url("/429"))).returns(true, DeliveryException::passing);
    assertThat(failure(server.url("/404")))
        .hasMessage("it answered 404: no way")
        .returns(false, DeliveryException::passing);
  }

  @Test
  void aRedirectIsNotFollowed() {
    for (int code : List.of(301, 302, 307, 308)) {
      server.answering("/moved", code);
      assertThat(failure(server.url("/moved")))
          .hasMessage(
              "it answered %d, a redirect, which is not followed: name the address itself"
                  .formatted(code))
          .returns(false, DeliveryException::passing);
    }
    assertThat(server.bodies("/elsewhere")).isEmpty();
  }

  @Test
  void aServerThatIsDownSlowOrWithoutAnEndHoldsNobodyUp() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertThat(failure("http://127.0.0.1:" + free + "/"))
        .hasMessageContaining("Connection refused")
        .returns(true, DeliveryException::passing);

    server.answering("/never", 0).answering("/drip", 1);
    long began = System.nanoTime();
    Duration limit = Duration.ofMillis(400);
    assertThat(failure(webhook, server.url("/never"), false, limit))
        .hasMessage("it did not answer within 400 ms")
        .returns(true, DeliveryException::passing);
    assertThat(failure(webhook, server.url("/drip"), false, limit)).isNotNull();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
    assertThat(server.requests()).as("nothing is posted twice by itself").hasSize(2);
  }

  @Test
  void onlyThisMachineGetsAnythingWithoutEncryption() {
    Webhook named = resolving("93.184.215.14");
    assertThat(failure(named, "http://hooks.example.com/", true, LIMIT))
        .hasMessage(
            "hooks.example.com is not this machine, and gets nothing without encryption: take https")
        .returns(false, DeliveryException::passing);
  }

  private static Webhook resolving(String... addresses) {
    return new Webhook(
        host -> {
          InetAddress[] found = new InetAddress[addresses.length];
          for (int i = 0; i < addresses.length; i++) {
            found[i] = InetAddress.getAllByName(addresses[i])[0];
          }
          return found;
        },
        (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  @Test
  void privateAddressesAreRefusedAfterTheNameIsResolved() {
    for (String address :
        List.of(
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "::",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1")) {
      assertThat(failure(resolving(address), "https://hooks.example.com/", false, LIMIT))
          .as(address)
          .hasMessageMatching(
              "hooks\\.example\\.com is \\S+, an address of a private network: say allow-private: true if that is meant")
          .returns(false, DeliveryException::passing);
    }
    // One of several is enough: which of them would be taken is not known.
    assertThat(
            failure(
                resolving("93.184.215.14", "10.0.0.1"), "https://hooks.example.com/", false, LIMIT))
        .hasMessageContaining("is 10.0.0.1, an address of a private network");
  }

  @Test
  void addressesOfTheInternetAreOpen() throws Exception {
    for (String address :
        List.of(
            "93.184.215.14",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::808:808")) {
      assertThat(Addresses.open(InetAddress.getAllByName(address)[0])).as(address).isTrue();
    }
  }

  @Test
  void aNameThatChangesItsAddressAfterItWasLookedAtGetsNothing(@TempDir Path folder)
      throws Exception {
    SSLContext context = context(folder);
    AtomicInteger requests = new AtomicInteger();
    HttpsServer secure =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(context));
    secure.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    secure.start();
    try {
      String url = "https://localhost:%d/".formatted(secure.getAddress().getPort());
      Webhook honest = new Webhook(InetAddress::getAllByName, context.getSocketFactory());
      honest.post(URI.create(url), Map.of(), "{}", false, LIMIT);
      assertThat(requests).hasValue(1);

      // Looked at, the name leads to the internet; connected to, to this machine.
      Webhook deceived =
          new Webhook(
              host -> new InetAddress[] {InetAddress.getAllByName("93.184.215.14")[0]},
              context.getSocketFactory());
      assertThatThrownBy(() -> deceived.post(URI.create(url), Map.of(), "{}", false, LIMIT))
          .isInstanceOf(DeliveryException.class)
          .hasMessageContaining(
              "localhost led to 127.0.0.1, which is not the address that was looked at");
      assertThat(requests).hasValue(1);

      // And whose certificate nobody vouches for gets nothing either.
      assertThat(failure(webhook, url, false, LIMIT)).hasMessageContaining("PKIX");
      assertThat(requests).hasValue(1);
    } finally {
      secure.stop(0);
    }
  }

  /** A context with a key for localhost, which it trusts. */
  private static SSLContext context(Path folder) throws Exception {
    Path file = folder.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "a",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                "secret")
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, "secret".toCharArray());
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, "secret".toCharArray());
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }
}
