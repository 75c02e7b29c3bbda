package dev.weir.config;

/**
 * How long what models and runs came from stays readable, by what has become of them.
 *
 * @param production of model versions that an alias names
 * @param registered of registered versions that no alias names
 * @param retired of versions that were retired or rejected
 * @param unregistered of candidates that nobody registered
 * @param unfinished of runs that did not succeed
 */
@Help(
    "How long what models and runs came from stays readable: forever, or a duration such as 365d."
        + " ./weir pins lists what stays, and for whom; ./weir vacuum deletes the files of the rest.")
public record Retention(
    @Help(
            "What a model version came from that an alias names, counted from when the alias came to"
                + " name it.")
        @Default("forever")
        Period production,
    @Help(
            "What a registered model version came from that no alias names, counted from its"
                + " registration, its approval, or when the last alias left it.")
        @Default("forever")
        Period registered,
    @Help(
            "What a model version came from that was retired or rejected, counted from then. An alias"
                + " that still names it goes before.")
        @Default("365d")
        Period retired,
    @Help(
            "What a candidate came from that nobody has registered, counted from when it was trained.")
        @Default("30d")
        Period unregistered,
    @Help(
            "What a run read and published that ended without success, counted from its end: for so"
                + " long it can be resumed.")
        @Default("30d")
        Period unfinished) {
  /** What holds where nothing is set. */
  public static final Retention DEFAULT =
      new Retention(
          Period.FOREVER, Period.FOREVER, Period.days(365), Period.days(30), Period.days(30));
}
