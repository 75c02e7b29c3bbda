package dev.weir.alert;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** A webhook's server on this machine, which answers by its path as it is told to. */
final class HookServer implements AutoCloseable {
  /** A request that came. */
  record Request(String path, Map<String, String> headers, String body) {}

  private final HttpServer server;
  private final List<Request> requests = new ArrayList<>();
  private final Map<String, Integer> codes = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  HookServer() {
    this(0);
  }

  /**
   * @param port at which it listens, or 0 for any
   */
  HookServer(int port) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ThreadFactory threads =
        task -> {
          Thread thread = new Thread(task, "hook");
          thread.setDaemon(true);
          return thread;
        };
    server.setExecutor(Executors.newCachedThreadPool(threads));
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          Map<String, String> headers = new ConcurrentHashMap<>();
          exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
          // Before it is told of, so that what is changed then holds for the next.
          int code = codes.getOrDefault(path, 200);
          synchronized (requests) {
            requests.add(new Request(path, headers, body));
            requests.notifyAll();
          }
          if (code == 0) {
            // Never answers.
            await();
            return;
          }
          if (code == 1) {
            // Answers a letter at a time, and comes to no end.
            exchange.sendResponseHeaders(500, 0);
            drip(exchange.getResponseBody());
            return;
          }
          if (code / 100 == 3) {
            exchange.getResponseHeaders().add("Location", url("/elsewhere"));
          }
          byte[] answer = "no\nway".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(code, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  private void await() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void drip(OutputStream out) {
    try {
      while (closed.getCount() > 0) {
        out.write('x');
        out.flush();
        Thread.sleep(50);
      }
    } catch (IOException e) {
      // Nobody reads it any more.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Has a path answer with a code from now on; 0 never, 1 without an end. */
  HookServer answering(String path, int code) {
    codes.put(path, code);
    return this;
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  List<String> bodies(String path) {
    return requests().stream().filter(r -> r.path().equals(path)).map(Request::body).toList();
  }

  /** Waits until so many requests have come. */
  void awaitRequests(int count) throws InterruptedException {
    synchronized (requests) {
      while (requests.size() < count) {
        requests.wait();
      }
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
  }
}
