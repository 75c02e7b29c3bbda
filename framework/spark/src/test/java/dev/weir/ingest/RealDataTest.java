package dev.weir.ingest;

import static dev.weir.ingest.Files.csv;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.feature.Sql;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.LocalContext;
import dev.weir.session.TestSpark;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets that others made, from the folder that WEIR_DATA names. */
class RealDataTest {
  private final SparkSession spark = TestSpark.session();
  private Path folder;
  private Path data;
  private LocalContext context;

  @BeforeEach
  void data(@TempDir Path dir) throws Exception {
    String variable = System.getenv("WEIR_DATA");
    assumeTrue(
        variable != null, "Skipped: WEIR_DATA does not name the folder of the real data sets");
    data = Path.of(variable).toAbsolutePath();
    folder = dir;
    context = new LocalContext(spark, folder.resolve("home"), Path.of("../..").toRealPath());
  }

  private Dataset<Row> ingest(Source source) throws Exception {
    context.run(new Ingest(source, to("real.raw")));
    return context.table("real.raw");
  }

  @Test
  void csvSpectrum() throws Exception {
    untar(data.resolve("csv-spectrum/csv-spectrum.tar.gz"));
    List<String> names;
    try (var files = Files.list(folder.resolve("csvs"))) {
      names = files.map(f -> f.getFileName().toString().replace(".csv", "")).sorted().toList();
    }
    assertThat(names).hasSize(12);
    for (String name : names) {
      Dataset<Row> rows =
          ingest(
              csv(folder.resolve("csvs/" + name + ".csv").toString())
                  .withOption("multiLine", true)
                  .withOption("inferSchema", false)
                  .withOption("nullValue", "\u0001")
                  .withColumns(dev.weir.ingest.Files.Naming.SNAKE_CASE)
                  .withPosition("__position"));
      List<Map<String, String>> found = new ArrayList<>();
      List<String> columns = new ArrayList<>(Arrays.asList(rows.columns()));
      columns.remove("_corrupt_record");
      columns.remove("__position");
      for (Row row : rows.orderBy("__position").collectAsList()) {
        Map<String, String> values = new LinkedHashMap<>();
        columns.forEach(c -> values.put(c, row.getAs(c)));
        found.add(values);
      }
      List<Map<String, String>> expected = new ArrayList<>();
      JsonNode tree =
          new ObjectMapper().readTree(folder.resolve("json/" + name + ".json").toFile());
      for (JsonNode object : tree.isArray() ? tree : List.of(tree)) {
        Map<String, String> values = new LinkedHashMap<>();
        object
            .properties()
            .forEach(e -> values.put(ColumnNames.snake(e.getKey()), e.getValue().asText()));
        if (name.equals("location_coordinates")) {
          // The set's JSON has another telephone number than its CSV.
          values.put("contact_phone_number", "2095257564");
        }
        expected.add(values);
      }
      assertThat(normalised(found)).as(name).isEqualTo(normalised(expected));
      assertThat(context.metric("corrupt-records")).as(name).isZero();
    }
  }

  /** Line breaks within quotes come out as \n, whichever they were. */
  private static String normalised(List<?> rows) {
    return rows.toString().replace("\r\n", "\n");
  }

  private void untar(Path archive) throws Exception {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
      byte[] header = new byte[512];
      while (in.readNBytes(header, 0, 512) == 512 && header[0] != 0) {
        String name = new String(header, 0, 100, java.nio.charset.StandardCharsets.US_ASCII);
        String size = new String(header, 124, 11, java.nio.charset.StandardCharsets.US_ASCII);
        byte[] content = in.readNBytes(Integer.parseInt(size.trim(), 8));
        in.skipNBytes((512 - content.length % 512) % 512);
        Path target = folder.resolve(name.substring(0, name.indexOf(0)));
        if (header[156] == '0' || header[156] == 0) {
          Files.createDirectories(target.getParent());
          Files.write(target, content);
        }
      }
    }
  }

  @Test
  void adultHasNoHeaderWideSeparatorsAndQuestionMarks() throws Exception {
    Dataset<Row> rows =
        ingest(
            csv(data.resolve("adult/adult.data.gz").toString())
                .withOption("header", false)
                .withOption("sep", ", ")
                .withOption("nullValue", "?")
                .withSchema(
                    "age int, workclass string, fnlwgt int, education string, education_num int,"
                        + " marital_status string, occupation string, relationship string, race"
                        + " string, sex string, capital_gain int, capital_loss int, hours_per_week"
                        + " int, native_country string, income string"));
    assertThat(rows.count()).isEqualTo(32_561);
    assertThat(context.metric("corrupt-records")).isZero();
    assertThat(
            rows.where("workclass is null").count()
                + rows.where("occupation is null").count()
                + rows.where("native_country is null").count())
        .isEqualTo(4262);
    assertThat(rows.select("income").distinct().count()).isEqualTo(2);
  }

  @Test
  void electricityAndBikeHoursInfer() throws Exception {
    Dataset<Row> electricity =
        ingest(csv(data.resolve("electricity/electricity.csv.gz").toString()));
    assertThat(electricity.count()).isEqualTo(45_312);
    assertThat(electricity.schema().toDDL())
        .isEqualTo(
            "date DOUBLE,day INT,period DOUBLE,nswprice DOUBLE,nswdemand DOUBLE,vicprice"
                + " DOUBLE,vicdemand DOUBLE,transfer DOUBLE,class STRING,_corrupt_record STRING");
    Dataset<Row> bike =
        ingest(
            csv(data.resolve("bike-hour/hour.csv.gz").toString())
                .withOption("dateFormat", "M/d/yyyy"));
    assertThat(bike.count()).isEqualTo(17_379);
    assertThat(bike.schema().apply("dteday").dataType().simpleString()).isEqualTo("date");
    assertThat(bike.where("casual + registered <> cnt").count()).isZero();
    assertThat(context.metric("corrupt-records")).isZero();
  }

  @Test
  void bankGetsItsYearsFromTheOrderOfTheFile() throws Exception {
    context.run(
        new Ingest(
            csv(data.resolve("bank-marketing/bank-full.csv.gz").toString())
                .withOption("sep", ";")
                .withPosition("position"),
            to("bank.raw")));
    context.run(
        new Sql(
            Input.from("bank.raw"), to("bank.events"), Sql.file("conf/pipelines/bank/events.sql")));
    Dataset<Row> events = context.table("bank.events");
    assertThat(events.count()).isEqualTo(45_211);
    assertThat(
            events
                .selectExpr("string(min(event_date))", "string(max(event_date))")
                .head()
                .toString())
        .isEqualTo("[2008-05-05,2010-11-17]");
    assertThat(
            events
                .selectExpr("year(event_date) as year")
                .groupBy("year")
                .count()
                .orderBy("year")
                .collectAsList())
        .extracting(Row::toString)
        .containsExactly("[2008,27729]", "[2009,14862]", "[2010,2620]");
    assertThat(
            events
                .selectExpr("event_date < lag(event_date) over (order by position) as back")
                .where("back")
                .count())
        .isZero();
  }
}
