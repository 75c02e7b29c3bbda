package dev.weir.alert;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;

/**
 * Encrypts connections that lead to addresses that were looked at, and no others: a name that is
 * resolved twice may have another address the second time. A connection is made first, without this
 * class, and checked before anything is sent through it.
 */
final class CheckedSockets extends SSLSocketFactory {
  private final SSLSocketFactory sockets;
  private final List<InetAddress> allowed;

  CheckedSockets(SSLSocketFactory sockets, List<InetAddress> allowed) {
    this.sockets = sockets;
    this.allowed = List.copyOf(allowed);
  }

  @Override
  public Socket createSocket(Socket connected, String host, int port, boolean autoClose)
      throws IOException {
    InetAddress address = connected.getInetAddress();
    if (!allowed.contains(address)) {
      connected.close();
      throw new SocketException(
          "%s led to %s, which is not the address that was looked at"
              .formatted(host, address == null ? "nowhere" : address.getHostAddress()));
    }
    return sockets.createSocket(connected, host, port, autoClose);
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return sockets.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return sockets.getSupportedCipherSuites();
  }

  private static SocketException unchecked() {
    return new SocketException("A connection that can't be checked before it is encrypted");
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw unchecked();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unchecked();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw unchecked();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unchecked();
  }
}
