package dev.weir.audit;

import dev.weir.error.WeirException;
import java.util.Objects;

/**
 * Something that is not as it was recorded.
 *
 * @param code a stable name in kebab-case
 * @param found what was found, where: a sentence
 * @param remedy what to do: a sentence
 */
public record Finding(String code, String found, String remedy) {
  public Finding {
    Objects.requireNonNull(code);
    Objects.requireNonNull(found);
    Objects.requireNonNull(remedy);
  }

  static Finding of(WeirException error) {
    return new Finding(error.code(), String.valueOf(error.getMessage()), error.remedy());
  }

  /** What was found and what to do, as one text. */
  public String text() {
    return remedy.isEmpty() ? found : found + " " + remedy;
  }
}
