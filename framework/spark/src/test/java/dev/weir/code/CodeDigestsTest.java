package dev.weir.code;

import static dev.weir.code.Compiled.code;
import static dev.weir.code.Compiled.loader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.weir.error.WeirException;
import dev.weir.ml.Train;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageTypes;
import dev.weir.quality.Validate;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodeDigestsTest {
  private static final String STAGE = "shop.Visits";
  private static final String HELPER =
      "package shop; public class Helper { public static int days() { return %s; } }";

  @TempDir Path temporary;

  private Compiled compiled;

  @BeforeEach
  void start() {
    compiled = new Compiled(temporary);
  }

  // What counts.

  @Test
  void theSameSourceIsTheSameCode() {
    Map<String, String> sources = Map.of(STAGE, calling("Helper.days()"), "shop.Helper", helper(1));
    StageCode once = code(STAGE, compiled.folder(sources));
    StageCode again = code(STAGE, compiled.folder(sources));
    assertThat(again).isEqualTo(once);
    assertThat(once.classes()).containsOnlyKeys(STAGE, "shop.Helper");
    assertThat(once.jars()).isEmpty();
    assertThat(once.digest()).matches("[0-9a-f]{64}");
  }

  @Test
  void commentsAndLayoutCountForNothing() {
    String spread =
        """
        package shop;

        import dev.weir.pipeline.*;

        /** What it is for. */
        public record Visits(int days) implements Stage {
          // Why.
          public void run(StageContext context) {
            Runnable later =
                () -> {

                  System.out.println(Helper.days()); /* Here. */
                };
            later.run();
          }
        }
        """;
    String dense =
        "package shop; import dev.weir.pipeline.*; public record Visits(int days) implements Stage {"
            + "public void run(StageContext context) { Runnable later = () -> {"
            + "System.out.println(Helper.days()); }; later.run(); } }";
    assertThat(difference(dense, helper(1), spread, "/* New. */\n\n" + helper(1))).isNull();
  }

  @Test
  void debuggingTablesCountForNothing() {
    Map<String, String> sources =
        Map.of(
            STAGE,
            // The map's entry is an inner class that only a debugging table would name.
            calling(
                "java.util.List.of(1).stream().mapToInt(i -> i + Helper.days()).sum();"
                    + " java.util.Map.Entry<String, Helper> none = null; int count = days + 1;"
                    + " System.out.println(count + days)"),
            "shop.Helper",
            helper(1));
    StageCode all = code(STAGE, compiled.folder(List.of("-g", "-parameters"), sources));
    assertThat(code(STAGE, compiled.folder(List.of("-g:none"), sources))).isEqualTo(all);
    assertThat(code(STAGE, compiled.folder(List.of("-g:lines"), sources))).isEqualTo(all);
  }

  @Test
  void helpIsDocumentation() {
    String stage =
        "package shop; import dev.weir.pipeline.*; import dev.weir.config.*; @Help(\"%1$s\")"
            + " public record Visits(@Help(\"%1$s\") @Default(\"%2$s\") int days) implements Stage {"
            + " public void run(StageContext context) {} }";
    assertThat(difference(stage.formatted("Old.", 7), "", stage.formatted("New.", 7), "")).isNull();
    assertThat(difference(stage.formatted("Old.", 7), "", stage.formatted("Old.", 8), ""))
        .isEqualTo("class shop.Visits changed");
  }

  @Test
  void aConstantCountsWhereItIsCompiledIn() {
    String constants = "package shop; public class Helper { public static final int DAYS = %d; }";
    assertThat(
            difference(
                calling("System.out.println(Helper.DAYS)"),
                constants.formatted(1),
                calling("System.out.println(Helper.DAYS)"),
                constants.formatted(2)))
        .isEqualTo("class shop.Visits changed");
  }

  @Test
  void aConstantThatIsReadCountsWhereItIs() {
    String constants =
        "package shop; public class Helper {"
            + " public static final Integer DAYS = Integer.valueOf(%d); }";
    assertThat(
            difference(
                calling("System.out.println(Helper.DAYS)"),
                constants.formatted(1),
                calling("System.out.println(Helper.DAYS)"),
                constants.formatted(2)))
        .isEqualTo("class shop.Helper changed");
  }

  @Test
  void theBodyOfALambdaCounts() {
    assertThat(
            difference(
                calling("java.util.stream.IntStream.of(1).map(i -> i + 1).sum()"),
                "",
                calling("java.util.stream.IntStream.of(1).map(i -> i + 2).sum()"),
                ""))
        .isEqualTo("class shop.Visits changed");
  }

  /** The helper is named in the stage in one way only. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a call                | class Helper { static int days() { return %d; } } | System.out.println(Helper.days()) |
          a method reference    | class Helper { static int days() { return %d; } } | java.util.function.IntSupplier s = Helper::days |
          a constructor         | class Helper { int days = %d; }                   | java.util.function.Supplier<Object> s = Helper::new |
          a lambda              | class Helper { static int days() { return %d; } } | java.util.function.IntSupplier s = () -> Helper.days() |
          an array              | class Helper { int days = %d; }                   | Object o = new Helper[1][1] |
          a class literal       | class Helper { int days = %d; }                   | System.out.println(Helper.class) |
          a cast                | class Helper { int days = %d; }                   | System.out.println((Helper) null) |
          a pattern             | class Helper { int days = %d; }                   | Object o = this; if (o instanceof Helper h) { h.toString(); } |
          a catch               | class Helper extends RuntimeException { int days = %d; } | try { run(null); } catch (Helper e) { run(null); } |
          a switch              | enum Helper { A, B; int days = %d; }              | switch (Helper.valueOf("A")) { case A: run(null); default: } |
          a field               | class Helper { int days = %d; }                   | | static Helper field;
          a method's descriptor | class Helper { int days = %d; }                   | | void method(Helper[] helper) {}
          an exception          | class Helper extends Exception { int days = %d; } | | void method() throws Helper {}
          a generic signature   | class Helper { int days = %d; }                   | | void method(java.util.List<? extends Helper> helper) {}
          a type's bound        | class Helper { int days = %d; }                   | | <T extends Comparable<Helper>> void method(T helper) {}
          a record component    | class Helper { int days = %d; }                   | | record Nested(java.util.Optional<Helper> helper) {} Nested nested() { return null; }
          a superclass          | class Helper { int days = %d; }                   | new Nested() | static class Nested extends Helper {}
          an interface          | interface Helper { default int days() { return %d; } } | new Nested() | static class Nested implements Helper {}
          a permitted subclass  | final class Helper implements Visits.Kind { int days = %d; } | System.out.println(Kind.class) | sealed interface Kind permits Helper {}
          an annotation         | @interface Helper { int days() default %d; }      | | @Helper void method() {}
          a class in one        | class Helper { int days = %d; }                   | | @interface Uses { Class<?> value(); } @Uses(Helper.class) void method() {}
          a type annotation     | @java.lang.annotation.Target(java.lang.annotation.ElementType.TYPE_USE) @interface Helper { int days() default %d; } | | java.util.List<@Helper String> method() { return null; }
          """)
  void aHelperCountsHoweverItIsNamed(String how, String helper, String body, String member) {
    String stage = stage(body == null ? "" : body + ";", member == null ? "" : member);
    assertThat(
            difference(
                stage,
                "package shop; " + helper.formatted(1),
                stage,
                "package shop; " + helper.formatted(2)))
        .as(how)
        .isEqualTo("class shop.Helper changed");
  }

  @Test
  void theTableOfASwitchIsReached() {
    String helper = "package shop; public enum Helper { A, B }";
    String stage = calling("switch (Helper.valueOf(\"A\")) { case A: run(null); default: }");
    assertThat(code(STAGE, compiled.folder(Map.of(STAGE, stage, "shop.Helper", helper))).classes())
        .containsOnlyKeys(STAGE, STAGE + "$1", "shop.Helper");
  }

  @Test
  void whatIsReachedThroughAnotherCounts() {
    Map<String, String> sources = new HashMap<>();
    sources.put(STAGE, calling("Helper.days()"));
    sources.put("shop.Helper", HELPER.formatted("Further.DAYS[0]"));
    sources.put("shop.Further", "package shop; class Further { static final int[] DAYS = {1}; }");
    StageCode before = code(STAGE, compiled.folder(sources));
    sources.put("shop.Further", "package shop; class Further { static final int[] DAYS = {2}; }");
    assertThat(code(STAGE, compiled.folder(sources)).firstDifference(before))
        .hasValue("class shop.Further changed");
  }

  @Test
  void whatIsNotReachedCountsForNothing() {
    assertThat(difference(calling("run(null)"), helper(1), calling("run(null)"), helper(2)))
        .isNull();
  }

  @Test
  void aStageBesideItInTheSameFileCountsForNothing() {
    String file =
        "package shop; import dev.weir.pipeline.*; public class Shop {"
            + " public record Visits(int days) implements Stage {"
            + "   public void run(StageContext context) {} }"
            + " public record Orders(int days) implements Stage {"
            + "   public void run(StageContext context) { System.out.println(%d); } } }";
    Path before = compiled.folder(Map.of("shop.Shop", file.formatted(1)));
    Path now = compiled.folder(Map.of("shop.Shop", file.formatted(2)));
    assertThat(code("shop.Shop$Visits", now)).isEqualTo(code("shop.Shop$Visits", before));
    assertThat(code("shop.Shop$Orders", now).firstDifference(code("shop.Shop$Orders", before)))
        .hasValue("class shop.Shop$Orders changed");
  }

  // Jars.

  @Test
  void aLibraryCountsByItsJar() {
    Path library = compiled.folder(Map.of("lib.Tool", library(1)));
    Path stage = compiled.folder(Map.of(STAGE, calling("lib.Tool.days()")), library);
    StageCode before = code(STAGE, stage, compiled.jar("tool-1.2.jar", library));
    assertThat(before.classes()).containsOnlyKeys(STAGE);
    assertThat(before.jars()).containsOnlyKeys("tool-1.2.jar");
    assertThat(before.jars().get("tool-1.2.jar")).matches("[0-9a-f]{64}");

    assertThat(code(STAGE, stage, compiled.jar("tool-1.2.jar", library))).isEqualTo(before);
    Path other =
        compiled.jar(
            "tool-1.2.jar",
            library,
            compiled.folder(Map.of("lib.Unused", "package lib; class Unused {}")));
    assertThat(code(STAGE, stage, other).firstDifference(before))
        .hasValue("jar tool-1.2.jar changed");
    assertThat(code(STAGE, stage, compiled.jar("tool-1.3.jar", library)).firstDifference(before))
        .hasValue("jar tool-1.3.jar is new");
  }

  @Test
  void aLibraryOfALibraryCounts() {
    Path base = compiled.folder(Map.of("base.Base", baseLibrary(1)));
    Path library =
        compiled.folder(
            Map.of(
                "lib.Tool",
                "package lib; public class Tool {"
                    + " public static int days() { return base.Base.days(); } }"),
            base);
    Path stage = compiled.folder(Map.of(STAGE, calling("lib.Tool.days()")), library);
    Path tool = compiled.jar("tool.jar", library);
    StageCode before = code(STAGE, stage, tool, compiled.jar("base.jar", base));
    assertThat(before.jars()).containsOnlyKeys("tool.jar", "base.jar");
    Path changed = compiled.jar("base.jar", compiled.folder(Map.of("base.Base", baseLibrary(2))));
    assertThat(code(STAGE, stage, tool, changed).firstDifference(before))
        .hasValue("jar base.jar changed");
  }

  @Test
  void twoJarsOfOneNameCountTogether() {
    Path base = compiled.folder(Map.of("base.Base", baseLibrary(1)));
    Path library = compiled.folder(Map.of("lib.Tool", library(1)));
    Path stage =
        compiled.folder(
            Map.of(STAGE, calling("System.out.println(lib.Tool.days() + base.Base.days())")),
            library,
            base);
    Path one = compiled.jar("tool.jar", library);
    StageCode before = code(STAGE, stage, one, compiled.jar("tool.jar", base));
    Path changed = compiled.jar("tool.jar", compiled.folder(Map.of("base.Base", baseLibrary(2))));
    assertThat(code(STAGE, stage, one, changed).firstDifference(before))
        .hasValue("jar tool.jar changed");
  }

  @Test
  void theStagesOwnJarCountsClassByClass() {
    Map<String, String> sources = Map.of(STAGE, calling("lib.Tool.days()"), "lib.Tool", library(1));
    Path folder = compiled.folder(sources);
    StageCode before = code(STAGE, compiled.jar("shop.jar", folder));
    assertThat(before.classes()).containsOnlyKeys(STAGE, "lib.Tool");
    assertThat(before.jars()).isEmpty();
    // From a folder it is the same code.
    assertThat(code(STAGE, folder)).isEqualTo(before);
    Path more =
        compiled.jar(
            "shop.jar",
            folder,
            compiled.folder(Map.of("lib.Unused", "package lib; class Unused {}")));
    assertThat(code(STAGE, more)).isEqualTo(before);
    Path changed = compiled.folder(Map.of("lib.Tool", library(2)));
    assertThat(code(STAGE, compiled.jar("shop.jar", folder, changed)).firstDifference(before))
        .hasValue("class lib.Tool changed");
  }

  @Test
  void aJarIsReadAgainOnceItIsAnother() throws Exception {
    Path library = compiled.folder(Map.of("lib.Tool", library(1)));
    Path stage = compiled.folder(Map.of(STAGE, calling("lib.Tool.days()")), library);
    Path jar = compiled.jar("tool.jar", library);
    StageCode before = code(STAGE, stage, jar);
    Files.write(
        jar,
        Files.readAllBytes(
            compiled.jar("tool.jar", compiled.folder(Map.of("lib.Tool", library(2))))));
    Files.setLastModifiedTime(jar, FileTime.fromMillis(1_800_000_000_000L));
    assertThat(code(STAGE, stage, jar).firstDifference(before)).hasValue("jar tool.jar changed");
  }

  // What is outside.

  @Test
  void theJdkAndWhatComesWithSparkCountForNothing() {
    String body =
        """
        org.apache.spark.sql.Dataset<?> rows = context.spark().range(1);
        javax.sql.DataSource source = null;
        javax.tools.JavaCompiler compiler = javax.tools.ToolProvider.getSystemJavaCompiler();
        io.delta.tables.DeltaTable table = null;
        scala.Option<?> option = scala.Option.empty();
        org.apache.hadoop.conf.Configuration hadoop = null;
        new com.fasterxml.jackson.databind.ObjectMapper();
        org.slf4j.LoggerFactory.getLogger("shop");
        System.out.println(source + "" + compiler + table + option + hadoop + rows);
        """;
    StageCode code = code(STAGE, compiled.folder(Map.of(STAGE, stage(body, ""))));
    assertThat(code.classes()).containsOnlyKeys(STAGE);
    assertThat(code.jars()).isEmpty();
  }

  @Test
  void aClassOfTheUsersInAPackageOfSparksCounts() {
    String transformer =
        "package org.apache.spark.ml.shop; public class Tool {"
            + " public static int days() { return %d; } }";
    String stage = calling("org.apache.spark.ml.shop.Tool.days()");
    String name = "org.apache.spark.ml.shop.Tool";
    Path before = compiled.folder(Map.of(STAGE, stage, name, transformer.formatted(1)));
    Path now = compiled.folder(Map.of(STAGE, stage, name, transformer.formatted(2)));
    assertThat(code(STAGE, now).firstDifference(code(STAGE, before)))
        .hasValue("class org.apache.spark.ml.shop.Tool changed");
    assertThat(code(STAGE, compiled.jar("shop.jar", now))).isEqualTo(code(STAGE, now));
  }

  @Test
  void deltaInTheStagesOwnJarCountsForNothing() throws Exception {
    Path stage =
        compiled.folder(
            Map.of(STAGE, calling("System.out.println(io.delta.tables.DeltaTable.class)")));
    Path delta =
        compiled.folder(
            Map.of(
                "io.delta.tables.DeltaTable",
                "package io.delta.tables; public class DeltaTable {}"));
    Path jar = compiled.jar("weir-jobs.jar", stage, delta);
    try (URLClassLoader alone = loader(ClassLoader.getPlatformClassLoader(), jar);
        URLClassLoader whole = loader(jar)) {
      StageCode code = CodeDigests.of(alone).of(Class.forName(STAGE, false, whole));
      assertThat(code.classes()).containsOnlyKeys(STAGE);
    }
  }

  @Test
  void whatRunsAStageIsNoneOfItsCode() {
    String body =
        """
        System.out.println(dev.weir.run.Runner.class);
        System.out.println(dev.weir.session.SparkSessions.class);
        System.out.println(dev.weir.lineage.LineageTables.class);
        System.out.println(dev.weir.store.DeltaTable.class);
        System.out.println(dev.weir.config.Project.class);
        System.out.println(dev.weir.artifact.DatasetName.class);
        System.out.println(dev.weir.code.CodeDigests.class);
        System.out.println(dev.weir.error.WeirException.class);
        """;
    assertThat(code(STAGE, compiled.folder(Map.of(STAGE, stage(body, "")))).classes())
        .containsOnlyKeys(STAGE);
  }

  @Test
  void weirsOtherPackagesAreLookedInto() {
    String body =
        "System.out.println(dev.weir.data.ContentDigest.class);"
            + " System.out.println(dev.weir.ml.Task.class);";
    assertThat(code(STAGE, compiled.folder(Map.of(STAGE, stage(body, "")))).classes())
        .containsKeys("dev.weir.data.ContentDigest", "dev.weir.ml.Task");
  }

  @Test
  void everyPackageOfWeirIsDecidedUpon() {
    TreeSet<String> decided =
        new TreeSet<>(List.of("data", "feature", "ingest", "ml", "profile", "quality"));
    decided.addAll(Boundary.CONTRACT);
    assertThat(Boundary.CONTRACT)
        .containsExactlyInAnyOrder(
            "alert",
            "artifact",
            "audit",
            "background",
            "cli",
            "code",
            "config",
            "error",
            "lineage",
            "pin",
            "pipeline",
            "plan",
            "provenance",
            "registry",
            "report",
            "reproduce",
            "run",
            "session",
            "store",
            "vacuum");
    assertThat(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.weir"))
        .hasSizeGreaterThan(100)
        .extracting(type -> type.getPackageName().split("\\.", 4)[2])
        .isSubsetOf(decided);
  }

  // What can't be read, and what isn't there.

  @Test
  void aMissingClassCountsByItsName() throws Exception {
    Path folder =
        compiled.folder(Map.of(STAGE, calling("Helper.days()"), "shop.Helper", helper(1)));
    StageCode before = code(STAGE, folder);
    Files.delete(folder.resolve("shop/Helper.class"));
    StageCode without = code(STAGE, folder);
    assertThat(without.classes()).containsEntry("shop.Helper", StageCode.NOT_FOUND);
    assertThat(without.firstDifference(before)).hasValue("class shop.Helper is gone");
    assertThat(code(STAGE, folder)).isEqualTo(without);
  }

  @Test
  void aClassFileOfALaterJavaCountsAsItIs() throws Exception {
    Path folder =
        compiled.folder(Map.of(STAGE, calling("Helper.days()"), "shop.Helper", helper(1)));
    StageCode before = code(STAGE, folder);
    Path file = folder.resolve("shop/Helper.class");
    byte[] bytes = Files.readAllBytes(file);
    bytes[7] = 127; // The major version.
    Files.write(file, bytes);
    assertThat(code(STAGE, folder).firstDifference(before)).hasValue("class shop.Helper changed");
  }

  @Test
  void aClassThatCanNotBeReadIsAnError() throws Exception {
    Path folder =
        compiled.folder(Map.of(STAGE, calling("Helper.days()"), "shop.Helper", helper(1)));
    try (URLClassLoader loader = loader(folder)) {
      Class<?> stage = Class.forName(STAGE, false, loader);
      ClassLoader broken =
          new ClassLoader(loader) {
            @Override
            public URL getResource(String name) {
              URL url = super.getResource(name);
              try {
                return name.endsWith("Helper.class")
                    ? URI.create("file:" + folder + "/gone.class").toURL()
                    : url;
              } catch (MalformedURLException e) {
                throw new AssertionError(e);
              }
            }
          };
      assertThatThrownBy(() -> CodeDigests.of(broken).of(stage))
          .isInstanceOfSatisfying(
              WeirException.class,
              e ->
                  assertThat(e.text())
                      .startsWith("The code of a stage can't be read: file:")
                      .contains("gone.class: java.io.FileNotFoundException")
                      .endsWith(
                          "Put back the folder or jar that it was in, or leave it off the class path."));
    }
  }

  @Test
  void aLambdaIsTheClassThatItIsWrittenIn() throws Exception {
    Path folder =
        compiled.folder(
            Map.of(
                "shop.Shop",
                "package shop; import dev.weir.pipeline.*; public class Shop {"
                    + " public static Stage stage() { return context -> {}; } }"));
    try (URLClassLoader loader = loader(folder)) {
      Object stage = Class.forName("shop.Shop", true, loader).getMethod("stage").invoke(null);
      assertThat(stage.getClass().isHidden()).isTrue();
      assertThat(CodeDigests.of(loader).of(stage.getClass()).classes())
          .containsOnlyKeys("shop.Shop");
    }
  }

  @Test
  void aStageIsReadWhereverItIs() {
    StageCode code = CodeDigests.of(getClass().getClassLoader()).of(Stage.class);
    assertThat(code.classes()).containsOnlyKeys(Stage.class.getName());
  }

  // Use.

  @Test
  void classesThatAreNamedToAStageCountLikeItsOwn() throws Exception {
    Path tool =
        compiled.folder(
            Map.of("lib.Tool", library(1), "lib.Further", "package lib; class Further {}"));
    Path changed = compiled.folder(Map.of("lib.Tool", library(2)));
    List<String> named = List.of("lib.Tool", "org.apache.spark.ml.feature.Binarizer");
    try (URLClassLoader before = loader(compiled.jar("tool.jar", tool));
        URLClassLoader now = loader(compiled.jar("tool.jar", changed))) {
      StageCode then = CodeDigests.of(before).of(Train.class, named);
      assertThat(then.classes()).containsKeys("lib.Tool", Train.class.getName());
      assertThat(then.classes()).doesNotContainKeys("lib.Further");
      assertThat(then.classes().keySet()).noneMatch(name -> name.startsWith("org."));
      assertThat(then.jars()).isEmpty();
      assertThat(CodeDigests.of(now).of(Train.class, named).firstDifference(then))
          .hasValue("class lib.Tool changed");
      assertThat(CodeDigests.of(now).of(Train.class))
          .isEqualTo(CodeDigests.of(before).of(Train.class));
    }
  }

  @Test
  void builtInStagesEachHaveCodeOfTheirOwn() throws Exception {
    ClassLoader loader = getClass().getClassLoader();
    CodeDigests once = CodeDigests.of(loader);
    CodeDigests again = CodeDigests.of(loader);
    Map<String, Class<? extends Stage>> types = StageTypes.of(loader).names();
    assertThat(types).hasSizeGreaterThanOrEqualTo(8);
    TreeSet<String> digests = new TreeSet<>();
    for (Class<? extends Stage> type : types.values()) {
      StageCode code = once.of(type);
      assertThat(again.of(type)).isEqualTo(code);
      assertThat(code.classes()).containsKey(type.getName());
      assertThat(code.classes().keySet()).allMatch(name -> name.startsWith("dev.weir."));
      assertThat(code.classes()).doesNotContainValue(StageCode.NOT_FOUND);
      assertThat(code.jars()).isEmpty();
      digests.add(code.digest());
    }
    assertThat(digests).hasSameSizeAs(types.keySet());
    assertThat(once.of(Train.class).firstDifference(once.of(Validate.class))).isPresent();
    assertThat(once.of(Train.class).classes()).doesNotContainKeys(Validate.class.getName());
  }

  @Test
  void weirInOneJarIsTheSameCode() throws Exception {
    Path classes = Path.of(Train.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path jar = Files.isDirectory(classes) ? compiled.jar("weir-jobs.jar", classes) : classes;
    try (URLClassLoader alone = loader(ClassLoader.getPlatformClassLoader(), jar)) {
      assertThat(CodeDigests.of(alone).of(Train.class))
          .isEqualTo(CodeDigests.of(getClass().getClassLoader()).of(Train.class));
    }
  }

  @Test
  void manyThreadsMayAskAtOnce() throws Exception {
    CodeDigests digests = CodeDigests.of(getClass().getClassLoader());
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<StageCode>> answers = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        answers.add(threads.submit(() -> digests.of(Validate.class)));
      }
      for (Future<StageCode> answer : answers) {
        assertThat(answer.get()).isEqualTo(digests.of(Validate.class));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** The difference that a change of the stage or its helper makes, or null. */
  private String difference(String stage, String helper, String newStage, String newHelper) {
    StageCode before = code(STAGE, compiled.folder(Map.of(STAGE, stage, "shop.Helper", helper)));
    StageCode now = code(STAGE, compiled.folder(Map.of(STAGE, newStage, "shop.Helper", newHelper)));
    assertThat(now.digest().equals(before.digest())).isEqualTo(now.equals(before));
    return now.firstDifference(before).orElse(null);
  }

  private static String calling(String statement) {
    return stage(statement + ";", "");
  }

  private static String stage(String body, String members) {
    return """
        package shop;
        import dev.weir.pipeline.*;
        public record Visits(int days) implements Stage {
          public void run(StageContext context) { %s }
          %s
        }
        """
        .formatted(body, members);
  }

  private static String helper(int days) {
    return HELPER.formatted(days);
  }

  private static String library(int days) {
    return "package lib; public class Tool { public static int days() { return %d; } }"
        .formatted(days);
  }

  private static String baseLibrary(int days) {
    return "package base; public class Base { public static int days() { return %d; } }"
        .formatted(days);
  }
}
