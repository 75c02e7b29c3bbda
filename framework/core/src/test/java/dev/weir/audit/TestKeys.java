package dev.weir.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** A pair of keys in files, as openssl writes them. */
record TestKeys(Path secret, Path open) {
  static TestKeys make(Path folder, String name) throws IOException {
    KeyPair pair;
    try {
      pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    return new TestKeys(
        write(folder.resolve(name + ".pem"), "PRIVATE KEY", pair.getPrivate().getEncoded()),
        write(folder.resolve(name + ".pub"), "PUBLIC KEY", pair.getPublic().getEncoded()));
  }

  private static Path write(Path file, String label, byte[] key) throws IOException {
    return Files.writeString(
        file,
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)));
  }

  AuditKey key() {
    return AuditKey.read(secret);
  }

  AuditKey.Public publicKey() {
    return AuditKey.Public.read(open);
  }
}
