package dev.weir.run;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelName;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Lease;
import dev.weir.lineage.Registrations;
import java.time.Instant;
import java.util.List;

/** Gives the candidates of one run their numbers, under its lease. */
final class ModelRegistrar implements RunData.Registrar {
  private final Events events;
  private final Lease lease;
  private final String pipeline;
  private final String run;

  ModelRegistrar(Events events, Lease lease, String pipeline, String run) {
    this.events = events;
    this.lease = lease;
    this.pipeline = pipeline;
    this.run = run;
  }

  @Override
  public Fact.ModelRegistered register(
      Attempt attempt, Fact.ModelRead candidate, String evaluation) {
    ModelName model = ((ModelCandidate) ArtifactVersion.parse(candidate.reference())).name();
    Fact.ModelRegistered[] made = new Fact.ModelRegistered[1];
    var version =
        Registrations.register(
            events,
            lease,
            model,
            run,
            attempt.stage(),
            number -> {
              made[0] = fact(attempt, candidate, evaluation, "model:" + model + "@" + number);
              return List.of(made[0]);
            });
    Fact.ModelRegistered fact = made[0];
    return fact != null && fact.reference().equals(version.reference())
        ? fact
        : fact(attempt, candidate, evaluation, version.reference());
  }

  private Fact.ModelRegistered fact(
      Attempt attempt, Fact.ModelRead candidate, String evaluation, String reference) {
    return new Fact.ModelRegistered(
        Instant.now(),
        pipeline,
        run,
        attempt.stage(),
        attempt.number(),
        reference,
        candidate.reference(),
        evaluation,
        candidate.written().digest());
  }
}
