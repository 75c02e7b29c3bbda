package dev.weir.lineage;

import dev.weir.error.WeirException;
import dev.weir.store.ConflictException;
import dev.weir.store.TableSnapshot;
import dev.weir.store.TransactionId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people do outside of runs, committed only on top of what they saw.
 *
 * <p>Whether something may be done hangs on what others have done: a version may be retired if no
 * alias names it, and an alias may be moved to a version that is not retired. So a deed is made
 * durable only if nothing has been done since it was decided, which one key alone could not tell.
 */
public final class Deeds {
  private Deeds() {}

  /**
   * Decides what to do, given what stands in the home.
   *
   * @param <T> what is done
   */
  @FunctionalInterface
  public interface Decision<T extends Fact.Deed> {
    /**
     * What is done; called again where somebody has done something meanwhile.
     *
     * @param seen the lineage as it is now
     * @throws WeirException if it may not be done: nothing is committed then
     */
    T deed(LineageReader seen);
  }

  /**
   * Commits a deed. It may depend on other deeds and on what never changes once it is there, such
   * as a registered version; runs go on meanwhile.
   *
   * @param key the transaction id that counts the deeds of its kind on the same thing, such as
   *     {@code weir/alias/credit.default/champion}
   */
  public static <T extends Fact.Deed> T commit(Events events, String key, Decision<T> decision) {
    while (true) {
      LineageReader seen = LineageReader.open(events);
      T deed = decision.deed(seen);
      TableSnapshot base = seen.events();
      TransactionId id = new TransactionId(key, base.transactionVersion(key).orElse(0) + 1);
      boolean same = true;
      while (same) {
        try {
          events.table().append(base, Events.rows(List.<Fact>of(deed)), id);
          return deed;
        } catch (ConflictException e) {
          TableSnapshot latest = events.table().latest();
          // What a run says changes nothing of this; what somebody did may.
          same =
              events.between(base.version(), latest.version()).stream()
                  .noneMatch(committed -> committed.fact() instanceof Fact.Deed);
          base = latest;
        }
      }
    }
  }

  /**
   * When something is done that follows what was done before: now, or by a clock that lags behind
   * that of whoever did that, right after it. So the order of times is that of the commits.
   *
   * @param last when that was done, or null for nothing
   */
  public static Instant after(Instant now, @Nullable Instant last) {
    // As exact as the tables are.
    Instant cut = now.truncatedTo(ChronoUnit.MICROS);
    return last == null || cut.isAfter(last) ? cut : last.plus(Duration.of(1, ChronoUnit.MICROS));
  }

  /**
   * A reason as it is kept.
   *
   * @throws WeirException {@code no-reason} if there is none or it says nothing
   */
  public static String reason(@Nullable String text) {
    if (text == null || text.isBlank()) {
      throw WeirException.user(
          "no-reason",
          text == null ? "No reason is given." : "The reason is empty.",
          "Say with --reason why: it is kept for good, for whoever asks later.");
    }
    return text.strip();
  }
}
