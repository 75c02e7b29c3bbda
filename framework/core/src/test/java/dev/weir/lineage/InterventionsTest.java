package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.artifact.DatasetName;
import dev.weir.error.WeirException;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InterventionsTest {
  private static final Actor ADA = new Actor("ada", "ship", null);

  private final Home home;
  private final Events events;

  InterventionsTest(@TempDir Path folder) {
    this.home = Home.open(folder);
    this.events = Events.open(home);
    for (List<Fact> facts : Golden.commits()) {
      events.table().append(Events.rows(facts));
    }
  }

  @AfterEach
  void close() {
    home.close();
  }

  @Test
  void holdForTheContentThatWasLookedAtAtTheGateThatRefusedIt() {
    List<Fact.Deed> said =
        Golden.commits().stream()
            .flatMap(List::stream)
            .filter(f -> f instanceof Fact.GateOverridden || f instanceof Fact.RowsCorrected)
            .map(Fact.Deed.class::cast)
            .toList();
    Interventions untabled = Interventions.of(LineageReader.open(events));
    assertThat(untabled.all()).isEqualTo(said).hasSize(2);
    var unused = LineageTables.of(events).update();

    Interventions interventions = Interventions.of(LineageReader.open(events));

    assertThat(interventions.all()).isEqualTo(said);
    Interventions.Decided decided = interventions.of("bank/validate", "dataset:bank.raw@7", "d1");
    assertThat(decided.overrides()).hasSize(1);
    assertThat(decided.corrections())
        .extracting(Fact.RowsCorrected::rule)
        .containsExactly("age = abs(age) where age < 0");
    assertThat(decided.input()).contains(new Fact.Content("5f4e3d2c1b0a", "5f4e3d2c1b0a"));
    for (Interventions.Decided other :
        List.of(
            interventions.of("bank/validate", "dataset:bank.raw@1", "d2"),
            interventions.of("bank/check", "dataset:bank.raw@1", "d1"),
            interventions.of("bank/validate", "dataset:bank.rawer@1", "d1"))) {
      assertThat(other).isEqualTo(Interventions.Decided.NOTHING);
      assertThat(other.input()).isEmpty();
    }
    assertThat(interventions.applied(decided.corrections().get(0))).isFalse();
  }

  @Test
  void whatWasNotRefusedCanNotBeAccepted() {
    assertThatThrownBy(() -> override("credit", "credit.raw"))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "dataset:credit.raw@1 was not refused: all checks of stage 'validate' held when run r1 made them.");
    assertThatThrownBy(() -> override("credit", "credit.row"))
        .isInstanceOf(WeirException.class)
        .hasMessage("No gate of the pipeline credit has checked credit.row yet.");
    // Its check is a warning, which refused nothing.
    assertThatThrownBy(() -> override("bank", "bank.raw"))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith("dataset:bank.raw@1 was not refused");
  }

  private Fact.GateOverridden override(String pipeline, String dataset) {
    return InterventionDeeds.override(
        events, pipeline, DatasetName.parse(dataset), null, ADA, "known");
  }
}
