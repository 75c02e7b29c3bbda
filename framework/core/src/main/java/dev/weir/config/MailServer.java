package dev.weir.config;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A server that takes e-mail.
 *
 * @param port or null for the usual one
 * @param from the sender's address
 * @param user who logs in, or null for nobody
 * @param password with what, or null
 */
@Help("The server that e-mail goes by.")
public record MailServer(
    @Help("The server's name.") String host,
    @Help("Its port; 587 with starttls, 465 with implicit and 25 with none unless set.")
        @Nullable Integer port,
    @Help("The sender's address.") String from,
    @Help("Who logs in; nobody unless set.") @Nullable String user,
    @Help("The password; ${NAME} is an environment variable.") @Secret
        @Nullable SecretText password,
    @Help("How the connection is encrypted: starttls, implicit or none.") @Default("starttls")
        Encryption tls) {
  /** How a connection is encrypted. */
  public enum Encryption {
    /** From a command on; without it nothing is sent. */
    STARTTLS,
    /** From the beginning. */
    IMPLICIT,
    /** Not at all. */
    NONE
  }

  public MailServer {
    Objects.requireNonNull(tls);
    if (host.isBlank()) {
      throw new IllegalArgumentException("'host' is empty: name the mail server");
    }
    if (port != null && (port < 1 || port > 65535)) {
      throw new IllegalArgumentException("'port' is from 1 to 65535, not " + port);
    }
    if ((user == null) != (password == null)) {
      throw new IllegalArgumentException("'user' and 'password' go together: give both or none");
    }
    if (password != null && tls == Encryption.NONE) {
      throw new IllegalArgumentException(
          "a password is not sent without encryption: take tls: starttls or implicit");
    }
  }

  /** The port that it listens at. */
  public int portOrDefault() {
    if (port != null) {
      return port;
    }
    return switch (tls) {
      case STARTTLS -> 587;
      case IMPLICIT -> 465;
      case NONE -> 25;
    };
  }
}
