package dev.weir.alert;

import dev.weir.lineage.Fact;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people what becomes of a run. Nothing of it throws: a run is not to fail for an alert. */
public interface Alerting {
  /**
   * The facts by which people are to be told of something, for the caller to make durable, together
   * with what it tells of where that can be; none where nobody is to be told.
   */
  List<Fact> facts(Occasion occasion);

  /** Begins to deliver every alert that is durable and not delivered; returns at once. */
  void deliver();

  /**
   * Waits for what is under way, but not for long.
   *
   * @param well whether all went well, so that nobody should have to wait
   */
  void await(boolean well);

  /** Writes what goes wrong into the log, and tells nobody. */
  static Alerting logging() {
    Logger log = LoggerFactory.getLogger(Alerting.class);
    return new Alerting() {
      @Override
      public List<Fact> facts(Occasion occasion) {
        if (occasion instanceof Occasion.Trouble trouble) {
          log.error("{}", AlertText.logged(trouble));
        }
        return List.of();
      }

      @Override
      public void deliver() {}

      @Override
      public void await(boolean well) {}
    };
  }
}
