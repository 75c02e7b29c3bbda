package dev.weir.error;

/** A gate's refusal: the data or the model did not pass, and nothing downstream may run. */
public final class GateException extends WeirException {
  private static final long serialVersionUID = 1L;

  /**
   * @param found which checks failed, with value against expectation
   * @param remedy what to look at next
   */
  public GateException(String code, String found, String remedy) {
    super(code, ErrorKind.DATA, found, remedy);
  }
}
