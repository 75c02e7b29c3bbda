package dev.weir.alert;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Which addresses are in the open internet, by the registries of special addresses of IANA (RFC
 * 6890 and what came after it).
 */
final class Addresses {
  private Addresses() {}

  /** Whether an address belongs to nobody's own network or machine. */
  static boolean open(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet4Address ? open4(bytes) : open6((Inet6Address) address, bytes);
  }

  private static boolean open4(byte[] bytes) {
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    int c = bytes[2] & 0xff;
    return !(a == 0
        || (a == 100 && b >= 64 && b < 128) // Behind a provider's translation.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 0 && c == 2)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 240);
  }

  private static boolean open6(Inet6Address address, byte[] bytes) {
    int first = ((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff);
    int second = ((bytes[2] & 0xff) << 8) | (bytes[3] & 0xff);
    if (address.isIPv4CompatibleAddress()) {
      return open(four(bytes, 12));
    }
    if (first == 0x64 && second == 0xff9b) {
      // Translated into the address at its end, in the well-known prefix; the other is local.
      return bytes[4] == 0 && bytes[5] == 0 && open(four(bytes, 12));
    }
    if (first == 0x2002) {
      return open(four(bytes, 2));
    }
    // All that is given out is in 2000::/3; 2001::/23 is for protocols, 2001:db8::/32 for books.
    return (first & 0xe000) == 0x2000
        && !(first == 0x2001 && (second < 0x200 || second == 0x0db8))
        && (first & 0xfff0) != 0x3ff0;
  }

  private static InetAddress four(byte[] bytes, int from) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + 4));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("Four bytes are an address", e);
    }
  }
}
