package dev.weir.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An error that names what was found and what to do about it.
 *
 * <p>The message is whole sentences; {@link #remedy()} is the next step. Printed together they are
 * all that a person sees without {@code --verbose}.
 */
public class WeirException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final ErrorKind kind;
  private final String remedy;

  /**
   * @param code a stable name in kebab-case, such as {@code unknown-dataset}, for scripts and
   *     searches
   * @param kind whose move it is
   * @param found what was found, where: a sentence
   * @param remedy what to do next: a sentence, or empty when {@code found} says it
   */
  public WeirException(String code, ErrorKind kind, String found, String remedy) {
    this(code, kind, found, remedy, null);
  }

  /** The same, with the exception that led here. */
  public WeirException(
      String code, ErrorKind kind, String found, String remedy, @Nullable Throwable cause) {
    super(found, cause);
    this.code = Objects.requireNonNull(code);
    this.kind = Objects.requireNonNull(kind);
    this.remedy = Objects.requireNonNull(remedy);
  }

  /** An error in what the user asked for or configured. */
  public static WeirException user(String code, String found, String remedy) {
    return new WeirException(code, ErrorKind.USER, found, remedy);
  }

  /** An error in the data or the model. */
  public static WeirException data(String code, String found, String remedy) {
    return new WeirException(code, ErrorKind.DATA, found, remedy);
  }

  /** The stable name of this error, in kebab-case. */
  public String code() {
    return code;
  }

  /** Whose move it is. */
  public ErrorKind kind() {
    return kind;
  }

  /** What to do next; may be empty. */
  public String remedy() {
    return remedy;
  }

  /** What was found and what to do, as one text. */
  public String text() {
    String message = String.valueOf(getMessage());
    // What to do is not lost at the end of a list.
    String between = message.contains("\n") ? System.lineSeparator() : " ";
    return remedy.isEmpty() ? message : message + between + remedy;
  }
}
