package dev.weir.alert;

/** Why an alert could not be delivered by a route. */
final class DeliveryException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean passing;

  /**
   * @param passing whether it may go at once with another try
   */
  DeliveryException(String message, boolean passing, Throwable cause) {
    super(message, cause);
    this.passing = passing;
  }

  DeliveryException(String message, boolean passing) {
    super(message);
    this.passing = passing;
  }

  boolean passing() {
    return passing;
  }
}
