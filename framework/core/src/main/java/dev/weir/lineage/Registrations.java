package dev.weir.lineage;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.store.ConflictException;
import dev.weir.store.Filter;
import dev.weir.store.TableSnapshot;
import dev.weir.store.TransactionId;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The numbers of model versions: the event table's transaction id {@code weir/model/<name>}, a
 * number {@code number × 2^32}. A commit to the next one is the registration; of two at once one is
 * refused, looks again and takes the number after. It is made only on top of events in which the
 * run's lease still holds, so that a driver that slept past it can register nothing.
 */
public final class Registrations {
  private static final int NUMBER_BITS = 32;

  private Registrations() {}

  /**
   * Gives a model its next version number, or finds the one that this stage of this run gave it
   * before.
   *
   * @param lease the lease that the run is under
   * @param facts what to commit, given the number: among it the {@link Fact.ModelRegistered} with
   *     the same run and stage
   * @throws dev.weir.error.WeirException {@code lease-lost} if another driver took the lease
   */
  public static ModelVersion register(
      Events events,
      Lease lease,
      ModelName model,
      String run,
      String stage,
      IntFunction<List<Fact>> facts) {
    String key = "weir/model/" + model;
    while (true) {
      TableSnapshot snapshot = events.table().latest();
      lease.requireHeld(snapshot);
      Optional<ModelVersion> before = registered(snapshot, model, run, stage);
      if (before.isPresent()) {
        return before.get();
      }
      long last = snapshot.transactionVersion(key).orElse(0) >>> NUMBER_BITS;
      int number = Math.toIntExact(last + 1);
      List<Fact> committed = facts.apply(number);
      ModelVersion version = new ModelVersion(model, number);
      if (committed.stream()
          .noneMatch(
              fact ->
                  fact instanceof Fact.ModelRegistered registered
                      && registered.run().equals(run)
                      && registered.stage().equals(stage)
                      && registered.reference().equals(version.reference()))) {
        throw new IllegalArgumentException(
            "The facts do not say that stage %s of run %s registered %s"
                .formatted(stage, run, version));
      }
      try {
        events
            .table()
            .append(
                snapshot,
                Events.rows(committed),
                new TransactionId(key, (long) number << NUMBER_BITS));
        return version;
      } catch (ConflictException e) {
        // Another took the number, or said something else: look again.
      }
    }
  }

  private static Optional<ModelVersion> registered(
      TableSnapshot snapshot, ModelName model, String run, String stage) {
    return Events.byTime(
            snapshot,
            List.of(
                Filter.equal("run", run),
                Filter.equal("kind", "model-registered"),
                Filter.equal("stage", stage)))
        .stream()
        .map(fact -> ArtifactVersion.parse(((Fact.ModelRegistered) fact).reference()))
        .filter(ModelVersion.class::isInstance)
        .map(ModelVersion.class::cast)
        .filter(version -> version.name().equals(model))
        .findFirst();
  }
}
