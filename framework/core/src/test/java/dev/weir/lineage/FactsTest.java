package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.config.AlertKind;
import dev.weir.config.AlertSeverity;
import dev.weir.error.WeirException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FactsTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.123456789Z");

  private static final Actor ADA = new Actor("ada", "ship", "Grace");

  @Test
  void everyKindComesBackAsItWas() {
    Fact.Failure failure = new Fact.Failure("no-file", "There is no file.", "java.io.IOException");
    Fact.DatasetWritten dataset =
        new Fact.DatasetWritten("into", "dataset:a.c@2", "id", "/p", 3, "d", "{}");
    Fact.ModelWritten model =
        new Fact.ModelWritten("into", "candidate:a.m@r1", "T", "d", "c", 1, 2, 3, "{}");
    List<Fact> facts =
        List.of(
            new Fact.LeaseTaken(AT, "credit", "r1", 1, "ship", 7, null, "ada", 15000),
            new Fact.Heartbeat(AT, "credit", "r1"),
            new Fact.RunStarted(
                AT,
                "credit",
                "r1",
                1,
                "{}",
                Map.of("seed", "42"),
                Map.of(),
                List.of("a", "b"),
                Map.of("a", List.of("dataset:a.c", "model:a.m")),
                new Fact.Snapshot(
                    Map.of("a.b", dataset),
                    Map.of("a.m@1", new Fact.ModelRead("model:a.m@1", model)),
                    Map.of(
                        "a",
                        List.of(
                            new Fact.OutsideFile(
                                "file:/d/a.csv", 12, 1700000000000L, "ab12", null)))),
                Map.of("dev.weir.A", "0123456789abcdef"),
                new Fact.Choice(List.of("a"), List.of("b"))),
            new Fact.RunResumed(
                AT, "credit", "r1", 2, Map.of("host", "ship"), "Its process 7 on ship was gone."),
            new Fact.CancelRequested(AT, "credit", "r1", "ada@ship, process 7", null),
            new Fact.StageStarted(
                AT,
                "credit",
                "r1",
                "a",
                1,
                "dev.weir.A",
                "{\"x\":1}",
                "w",
                "class dev.weir.A changed"),
            new Fact.StageFinished(
                AT,
                AT,
                "credit",
                "r1",
                "a",
                1,
                "dev.weir.A",
                StageState.SUCCEEDED,
                List.of(new Fact.Read("from", "dataset:a.b@1", null)),
                List.of(dataset),
                List.of(model),
                List.of(
                    new Fact.Metric("nan", Double.NaN, null),
                    new Fact.Metric("infinite", Double.NEGATIVE_INFINITY, "dataset:a.c@2"),
                    new Fact.Metric("tenth", 0.1, null)),
                List.of(new Fact.Param("p", "ü")),
                List.of(
                    new Fact.Check("c", "dataset:a.b@1", null, true, 3, null, "3", "at least 1"),
                    new Fact.Check(
                        "c",
                        "dataset:a.b@1",
                        "x",
                        false,
                        3,
                        null,
                        "3",
                        "from 1 to 2",
                        "warn",
                        "ada",
                        3.0,
                        new Fact.Basis("d", 1.0, 2.0, List.of("dataset:a.b@0")))),
                null,
                new Fact.Fingerprint(
                    "w",
                    "c",
                    Map.of("from", new Fact.Content("dataset:a.b@1", "d")),
                    "",
                    Map.of("spark", "4.1.0"),
                    Map.of("seed", "42")),
                new Fact.Reused("r0", 2)),
            new Fact.ModelRegistered(
                AT, "credit", "r1", "a", 1, "model:a.m@1", "candidate:a.m@r1", null, "d"),
            new Fact.DatasetProfiled(
                AT,
                "credit",
                "r1",
                "a",
                1,
                "dataset:a.b@1",
                "id",
                true,
                "{\"format\":1,\"rows\":0,\"columns\":[]}",
                "region=north",
                AT),
            new Fact.RunFinished(AT, AT, "credit", "r1", RunState.FAILED, failure),
            new Fact.ModelReviewed(
                AT, ADA, "model:a.m@1", Fact.Review.APPROVED, "d", "dataset:a.e@1", "good", "two"),
            new Fact.ModelRetired(AT, ADA, "model:a.m@1", "old", null),
            new Fact.AliasMoved(AT, ADA, "a.m", "champion", null, "model:a.m@1", "best", null),
            new Fact.PinReleased(AT, ADA, "dataset:a.b@1", "model:a.m@1", "space"),
            new Fact.FilesDeleted(
                AT, ADA, "a.b", "file:/h/datasets/a/b", "id", List.of(0L, 2L), 7, 4096, "space"),
            new Fact.BaselineAccepted(
                AT, ADA, "dataset:a.b@1", "id", List.of("x.mean"), "the new price list"),
            new Fact.AlertRaised(
                AT,
                "credit",
                "r1",
                "a",
                1,
                "3f9c21ab",
                2,
                AlertKind.GATE_HALTED,
                AlertSeverity.ERROR,
                "credit/GATE_HALTED/a",
                "dataset:a.b@1",
                "1 of 1 checks failed.",
                List.of(new Fact.Check("c", "dataset:a.b@1", "x", false, 3, 1L, "1 of 3", "none")),
                "Ada",
                AT,
                List.of("slack"),
                List.of("11111111")),
            new Fact.AlertDelivered(AT, "credit", "r1", "3f9c21ab", 2, "slack"),
            new Fact.AlertFailed(AT, "credit", "r1", "3f9c21ab", 2, "slack", 3, "it is down", true),
            new Fact.AlertAcknowledged(AT, ADA, "3f9c21ab", "on it"),
            new Fact.AlertSnoozed(AT, ADA, null, "credit", AT, "noon"),
            new Fact.GateOverridden(
                AT,
                ADA,
                "3f9c21ab",
                "credit/a",
                "dataset:a.b@1",
                "d",
                "r1",
                List.of(
                    new Fact.Check("c", "dataset:a.b@1", "x", false, 3, 1L, "1 of 3", "none")
                        .overridden("3f9c21ab")),
                "known"),
            new Fact.RowsCorrected(
                AT,
                ADA,
                "77aa0123",
                "credit/a",
                "dataset:a.q@1",
                "dataset:a.b@1",
                "d",
                List.of(new Fact.Assignment("x", "abs(x)")),
                "x < 0",
                "the sign"));
    assertThat(facts)
        .hasSize(
            Fact.class.getPermittedSubclasses().length
                - 2
                + Fact.Alert.class.getPermittedSubclasses().length
                + Fact.Deed.class.getPermittedSubclasses().length);
    for (Fact fact : facts) {
      assertThat(Facts.read(Facts.kind(fact), Facts.body(fact))).contains(fact);
    }
    assertThat(Facts.kind(facts.get(6))).isEqualTo("stage-finished");
    assertThat(Facts.body(facts.get(1)))
        .isEqualTo(
            "{\"at\":\"2026-01-02T03:04:05.123456789Z\",\"pipeline\":\"credit\",\"run\":\"r1\"}");
  }

  @Test
  void aDeedBelongsToNoRunAndSaysWhoDidIt() {
    Fact deed = new Fact.ModelRetired(AT, ADA, "model:a.m@1", "old", null);
    assertThat(deed.run()).isEmpty();
    assertThat(deed.pipeline()).isEmpty();
    assertThat(Facts.kind(deed)).isEqualTo("model-retired");
    assertThat(Facts.body(deed))
        .isEqualTo(
            "{\"at\":\"2026-01-02T03:04:05.123456789Z\",\"by\":{\"name\":\"ada\",\"host\":\"ship\",\"claimed\":\"Grace\"},\"reference\":\"model:a.m@1\",\"reason\":\"old\"}");
  }

  @Test
  void whoActsIsTheSystemsUserUnlessTheEnvironmentSaysOtherwise() {
    assertThat(Actor.of(Map.of(), " ").name()).isEqualTo(System.getProperty("user.name"));
    assertThat(Actor.of(Map.of(), " ").claimed()).isNull();
    assertThat(Actor.of(Map.of("WEIR_ACTOR", "ada"), "Grace").text())
        .startsWith("ada@")
        .endsWith(" for Grace");
  }

  @Test
  void kindsAndComponentsOfANewerWeirAreLeftOut() {
    assertThat(Facts.read("stage-dreamt", "{}")).isEmpty();
    assertThat(
            Facts.read(
                "heartbeat",
                "{\"at\":\"2026-01-02T03:04:05Z\",\"pipeline\":\"p\",\"run\":\"r\",\"mood\":1}"))
        .contains(new Fact.Heartbeat(Instant.parse("2026-01-02T03:04:05Z"), "p", "r"));
  }

  @Test
  void aModelFromBeforeItsContentWasDigestedHasNoneKnown() {
    String old =
        "{'at':'2026-01-02T03:04:05Z','startedAt':'2026-01-02T03:04:05Z','pipeline':'p','run':'r','stage':'s','attempt':1,'type':'T','state':'SUCCEEDED','reads':[],'datasets':[],'metrics':[],'params':[],'checks':[],"
            + "'models':[{'port':'into','reference':'candidate:a.m@r','type':'T','digest':'d','files':1,'bytes':2,'artifactsVersion':3,'signature':'{}'}]}";
    var read =
        (Fact.StageFinished) Facts.read("stage-finished", old.replace('\'', '"')).orElseThrow();
    assertThat(read.models())
        .containsExactly(
            new Fact.ModelWritten("into", "candidate:a.m@r", "T", "d", "", 1, 2, 3, "{}"));
  }

  @Test
  void aBodyThatIsNoFactIsRefused() {
    assertThatThrownBy(() -> Facts.read("heartbeat", "{\"at\":"))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith("The event table holds a heartbeat that can't be read");
  }
}
