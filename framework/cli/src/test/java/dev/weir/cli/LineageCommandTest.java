package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Home;
import dev.weir.store.Row;
import dev.weir.store.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks through a home that a pipeline's two runs have made, on the command line and in SQL. */
class LineageCommandTest {
  @TempDir static Path folder;

  private static TestProject project;
  private static String file = "";
  private static List<Row> edges = List.of();

  private static final String MODEL = "model:t.model@1";

  @BeforeAll
  static void runTwice() throws Exception {
    TestSession.start();
    StringBuilder csv = new StringBuilder("id,x,label\n");
    for (int i = 0; i < 40; i++) {
      csv.append(i).append(',').append(i % 7).append(',').append(i % 7 > 3 ? 1 : 0).append('\n');
    }
    project =
        new TestProject(folder)
            .file("rows.csv", csv.toString())
            .pipeline(
                "small",
                """
                pipeline: small
                stages:
                  - uses: ingest
                    with: { source: { format: csv, path: rows.csv }, into: t.raw }
                  - name: left
                    uses: sql
                    with: { from: t.raw, into: t.left, statement: "select id, x, label from t.raw" }
                  - name: right
                    uses: sql
                    with: { from: t.raw, into: t.right, statement: "select id, x * 2 as y from t.raw" }
                  - name: both
                    uses: sql
                    with: { from: [ t.left, t.right ], into: t.both, statement: "select a.id, x, y, label from t.left a join t.right b on a.id = b.id" }
                  - uses: train
                    with: { from: t.both, into: t.model, label: label, key: id, stages: [ { VectorAssembler: { inputCols: [ x, y ], outputCol: features } }, { LogisticRegression: { maxIter: 3 } } ] }
                  - uses: register
                    with: { model: t.model, evaluation: t.both }
                """);
    assertThat(project.weir("run", "small").code()).isZero();
    // What is used again leads to the run that did the work.
    assertThat(project.weir("run", "small", "--from", "register").code()).isZero();
    try (Home home = Home.open(folder.resolve(".weir"))) {
      edges =
          LineageReader.open(Events.existing(home).orElseThrow())
              .rows(LineageTable.EDGES, List.of());
    }
    file =
        edges.stream()
            .map(row -> row.text("from_reference"))
            .filter(from -> from != null && from.startsWith("file:"))
            .findFirst()
            .orElseThrow();
    assertThat(file)
        .endsWith("rows.csv@" + Sha256.of(Files.readAllBytes(folder.resolve("rows.csv"))));
  }

  private static TestProject.Said lineage(String... arguments) {
    List<String> all = new ArrayList<>(List.of("lineage"));
    all.addAll(List.of(arguments));
    return project.weir(all.toArray(String[]::new));
  }

  /** The same walk in another way: edges are followed until nothing is new. */
  private static Set<String> closure(String start, String near, String far) {
    Set<String> found = new HashSet<>(Set.of(start));
    int before = 0;
    while (found.size() > before) {
      before = found.size();
      for (Row edge : edges) {
        String next = edge.text(far);
        if (next != null && found.contains(String.valueOf(edge.text(near)))) {
          found.add(next);
        }
      }
    }
    return new TreeSet<>(found);
  }

  private static Set<String> up(String start) {
    return closure(start, "to_reference", "from_reference");
  }

  private static Set<String> down(String start) {
    return closure(start, "from_reference", "to_reference");
  }

  @Test
  void theTreeShowsEachThingOnceWithWhatMadeIt() {
    TestProject.Said said = lineage(MODEL);

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    List<String> lines = said.lines();
    assertThat(lines.get(0)).matches(MODEL + " +small\\.register  \\S+  \\d{4}-\\d\\d-\\d\\d .*");
    assertThat(said.out())
        .containsPattern("(?m)^├─ candidate:t\\.model@\\S+ +small\\.train  ")
        .containsPattern("(?m)^│  └─ dataset:t\\.both@0 +small\\.both  ")
        .containsPattern("(?m)^│     ├─ dataset:t\\.left@0 +small\\.left  ")
        .containsPattern("(?m)^│     │  └─ dataset:t\\.raw@0 +small\\.ingest  ")
        .containsPattern("(?m)^│     │     └─ file:\\S+rows\\.csv@[0-9a-f]{64}$")
        .containsPattern("(?m)^│        └─ dataset:t\\.raw@0  ↑ above$")
        .containsPattern("(?m)^└─ dataset:t\\.both@0  ↑ above$")
        .endsWith("Made from 6 things.\n");
    assertThat(lineage(MODEL, "--depth", "1").lines()).hasSize(4);
  }

  @Test
  void downItShowsWhatWasMade() {
    TestProject.Said said = lineage(file, "--down");

    assertThat(said.code()).isZero();
    Set<String> expected = down(file);
    assertThat(expected).contains("model:t.model@1", "model:t.model@2");
    assertThat(said.out()).contains(expected);
    assertThat(said.out()).endsWith((expected.size() - 1) + " things made from it.\n");
    assertThat(lineage(MODEL, "--down").out()).endsWith("\nNothing was made from it.\n");
    assertThat(lineage(file).out()).endsWith("Made from nothing else.\n");
  }

  @Test
  void jsonHoldsNodesAndEdges() throws Exception {
    TestProject.Said said = lineage(MODEL, "--format", "json");

    JsonNode json = new ObjectMapper().readTree(said.out());
    assertThat(json.path("reference").asText()).isEqualTo(MODEL);
    assertThat(json.path("direction").asText()).isEqualTo("up");
    Set<String> nodes = new TreeSet<>();
    for (JsonNode node : json.path("nodes")) {
      nodes.add(node.path("reference").asText());
      assertThat(node.path("digest").asText()).hasSizeGreaterThan(30);
      assertThat(node.has("run")).isEqualTo(!node.path("kind").asText().equals("file"));
    }
    assertThat(nodes).isEqualTo(up(MODEL));
    Set<String> steps = new TreeSet<>();
    json.path("edges")
        .forEach(edge -> steps.add(edge.path("from").asText() + " " + edge.path("to").asText()));
    assertThat(steps)
        .isEqualTo(
            edges.stream()
                .filter(row -> nodes.contains(String.valueOf(row.text("to_reference"))))
                .map(row -> row.text("from_reference") + " " + row.text("to_reference"))
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void mermaidAndDotDrawEachNodeAndEdge() {
    String mermaid = lineage(MODEL, "--format", "mermaid").out();
    String dot = lineage(MODEL, "--format", "dot").out();

    assertThat(mermaid).startsWith("flowchart LR\n").contains("n0[\"" + MODEL + "\"]");
    assertThat(dot).startsWith("digraph lineage {\n").contains("n0 [label=\"" + MODEL + "\"];");
    for (String node : up(MODEL)) {
      assertThat(mermaid).contains("[\"" + node + "\"]");
      assertThat(dot).contains("[label=\"" + node + "\"]");
    }
    assertThat(mermaid.lines().filter(line -> line.contains(" -->|"))).hasSize(8);
    assertThat(dot.lines().filter(line -> line.contains(" -> "))).hasSize(8);
    assertThat(mermaid).containsPattern("n\\d -->\\|train\\| n\\d");
  }

  @Test
  void whatIsWrongIsSaid() {
    assertSaid(
        lineage("dataset:t.booth@0"),
        "weir: No run has read or made dataset:t.booth@0; did you mean 'dataset:t.both@0'?");
    assertSaid(
        lineage("model:t.model@9"),
        "weir: No run has read or made model:t.model@9; the last of 2 versions is model:t.model@2.");
    assertSaid(
        lineage("t.model"), "weir: 't.model' is not a reference: it takes the form dataset:");
    assertSaid(
        lineage("dataset:t.both@0", "--table", "zz"),
        "weir: dataset:t.both@0 never stood in a table whose id begins with 'zz'.");
    assertSaid(lineage(MODEL, "--depth", "0"), "weir: ");
    assertSaid(
        new TestProject(folder.resolve("other")).weir("lineage", MODEL),
        "weir: Nothing has been run in the home ");
    assertThat(lineage().out()).startsWith("Usage: weir lineage");
  }

  private static void assertSaid(TestProject.Said said, String message) {
    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err()).startsWith(message);
    assertThat(said.out()).isEmpty();
  }

  @Test
  void sqlWalksTheSameWay() {
    assertThat(rows("select distinct reference from lineage_upstream('" + MODEL + "')"))
        .isEqualTo(up(MODEL));
    assertThat(rows("select distinct reference from lineage_downstream('" + file + "')"))
        .isEqualTo(down(file));
    assertThat(
            rows(
                "select reference from lineage_upstream('%s', 1) where depth > 0".formatted(MODEL)))
        .isEqualTo(
            edges.stream()
                .filter(row -> MODEL.equals(row.text("to_reference")))
                .map(row -> Objects.requireNonNull(row.text("from_reference")))
                .collect(Collectors.toCollection(TreeSet::new)));
    // It joins like any table, and a recursive query over the edges comes to the same.
    String recursive =
        """
        with recursive up(reference) as (
          select from_reference from lineage.edges where to_reference = '%s'
          union all
          select e.from_reference from lineage.edges e join up u on e.to_reference = u.reference
          where e.from_reference is not null)
        select u.reference from lineage_upstream('%s') u left anti join up using (reference)
        where depth > 0
        """
            .formatted(MODEL, MODEL);
    assertThat(rows(recursive)).isEmpty();
    assertThat(
            rows(
                """
                select u.kind || ' ' || u.stage || ' ' || coalesce(d.digest = u.digest, false)
                from lineage_upstream('%s') u join lineage.datasets d on d.reference = u.reference
                where u.name = 't.raw' and d.reused_run is null
                """
                    .formatted(MODEL)))
        .containsExactly("dataset left true", "dataset right true");
    assertThat(rows("select version || ' ' || digest from lineage_upstream('" + file + "')"))
        .containsExactly(
            file.substring(file.lastIndexOf('@') + 1)
                + " "
                + file.substring(file.lastIndexOf('@') + 1));
  }

  private static Set<String> rows(String statement) {
    TestProject.Said said = project.weir("sql", "--format=json", statement);
    assertThat(said.err()).isEmpty();
    return said.lines().stream()
        .map(LineageCommandTest::only)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String only(String line) {
    try {
      Map<?, ?> object = new ObjectMapper().readValue(line, Map.class);
      @Nullable Object value = object.values().iterator().next();
      return String.valueOf(value);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new AssertionError(line, e);
    }
  }

  @Test
  void wrongArgumentsInSqlAreSaid() {
    assertSql("lineage_upstream()", "weir: lineage_upstream has 0 arguments.");
    assertSql("lineage_upstream('" + MODEL + "', 0)", "weir: lineage_upstream has the depth 0.");
    assertSql(
        "lineage_downstream(cast(null as string))",
        "weir: lineage_downstream has NULL for an argument.");
    assertSql(
        "lineage_upstream('dataset:t.booth@0')",
        "weir: No run has read or made dataset:t.booth@0; did you mean 'dataset:t.both@0'?");
  }

  private static void assertSql(String function, String message) {
    TestProject.Said said = project.weir("sql", "select * from " + function);
    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err()).startsWith(message);
  }
}
