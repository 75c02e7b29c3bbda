package dev.weir.audit;

import dev.weir.config.Project;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The Ed25519 key by which the chain's heads are signed. */
public final class AuditKey {
  private static final String ALGORITHM = "Ed25519";

  /** The public half, by which signatures are checked. */
  public static final class Public {
    private final PublicKey key;

    private Public(PublicKey key) {
      this.key = key;
    }

    /**
     * Reads the key that {@code openssl pkey -in key.pem -pubout} prints.
     *
     * @throws WeirException {@code no-audit-key} or {@code invalid-audit-key}
     */
    public static Public read(Path file) {
      try {
        return new Public(
            KeyFactory.getInstance(ALGORITHM)
                .generatePublic(new X509EncodedKeySpec(pem(file, "PUBLIC KEY"))));
      } catch (GeneralSecurityException e) {
        throw invalid(file, "no public key of Ed25519", e);
      }
    }

    /** Whether a signature is that of a hash by the private half. */
    boolean signed(String hash, String signature) {
      try {
        Signature verifying = Signature.getInstance(ALGORITHM);
        verifying.initVerify(key);
        verifying.update(hash.getBytes(StandardCharsets.US_ASCII));
        return verifying.verify(Base64.getDecoder().decode(signature));
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        // What is not even in the form of one is none.
        return false;
      }
    }
  }

  private final PrivateKey key;

  private AuditKey(PrivateKey key) {
    this.key = key;
  }

  /**
   * The key that a project names as {@code audit-key}, if it names one.
   *
   * @throws WeirException {@code no-audit-key} if its file is not there, {@code invalid-audit-key}
   *     if it holds something else
   */
  public static Optional<AuditKey> of(Project project) {
    return Optional.ofNullable(project.config().auditKey())
        .map(file -> read(project.resolve(file)));
  }

  /**
   * Reads the key that {@code openssl genpkey -algorithm ed25519} prints; throws as {@link #of}.
   */
  public static AuditKey read(Path file) {
    try {
      return new AuditKey(
          KeyFactory.getInstance(ALGORITHM)
              .generatePrivate(new PKCS8EncodedKeySpec(pem(file, "PRIVATE KEY"))));
    } catch (GeneralSecurityException e) {
      throw invalid(file, "no private key of Ed25519", e);
    }
  }

  private static byte[] pem(Path file, String label) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.US_ASCII);
    } catch (NoSuchFileException e) {
      throw new WeirException(
          "no-audit-key",
          ErrorKind.USER,
          "The key %s is not there.".formatted(file),
          "Make one with openssl genpkey -algorithm ed25519 -out key.pem, and its public half with openssl pkey -in key.pem -pubout; or name another.",
          e);
    } catch (IOException e) {
      throw invalid(file, "nothing that can be read: " + e.getMessage(), e);
    }
    Matcher found =
        Pattern.compile(
                "-----BEGIN %1$s-----([A-Za-z0-9+/=\\s]+)-----END %1$s-----".formatted(label))
            .matcher(text);
    if (!found.find()) {
      throw invalid(file, "no '-----BEGIN %s-----'".formatted(label), null);
    }
    try {
      return Base64.getMimeDecoder().decode(found.group(1));
    } catch (IllegalArgumentException e) {
      throw invalid(file, "a %s that is no base64".formatted(label.toLowerCase(Locale.ROOT)), e);
    }
  }

  private static WeirException invalid(Path file, String found, @Nullable Throwable cause) {
    return new WeirException(
        "invalid-audit-key",
        ErrorKind.USER,
        "The key %s holds %s.".formatted(file, found),
        "Make one with openssl genpkey -algorithm ed25519 -out key.pem, and its public half with openssl pkey -in key.pem -pubout.",
        cause);
  }

  /** The signature of a hash's 64 characters, in base64. */
  String sign(String hash) {
    try {
      Signature signing = Signature.getInstance(ALGORITHM);
      signing.initSign(key);
      signing.update(hash.getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(signing.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java since 15 has Ed25519", e);
    }
  }
}
