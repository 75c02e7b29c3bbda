package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real launcher in a copy of the repository's outline, with small scripts for Java and Maven.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class LauncherTest {
  /** Says a version, or what it was called with. */
  private static final String JAVA =
      """
      #!/bin/sh
      for argument in "$@"; do
        case $argument in -XX:ArchiveClassesAtExit=*) echo made >"${argument#*=}" ;; esac
        case $*,$argument in *-Xshare:dump*,-XX:SharedArchiveFile=*) echo made >"${argument#*=}" ;; esac
      done
      case $* in *-Dweir.quick=true*)
        [ -z "${SIGNAL:-}" ] || { until [ -s "$CALLS/launcher" ]; do :; done; kill -s "$SIGNAL" "$(cat "$CALLS/launcher")"; }
        [ -z "${QUICK:-}" ] || exit "$QUICK" ;;
      esac
      case $* in
        -version) echo 'openjdk version "VERSION" 2025-01-01' >&2; echo asked >>"$CALLS/java-version" ;;
        *JvmOptions*) echo '--add-opens=for=spark' ;;
        *) echo "java $*"; echo "SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-}"; echo "WEIR_ROOT=$WEIR_ROOT"
           echo "WEIR_JAR=$WEIR_JAR"; echo "SPARK_HOME=${SPARK_HOME:-}" ;;
      esac
      """;

  /** Builds nothing, and leaves what a build leaves. */
  private static final String MAVEN =
      """
      #!/bin/sh
      if [ "$1" = -version ]; then
        echo 'Apache Maven VERSION (fake)'
        exit 0
      fi
      echo "$*" >>"$CALLS/mvn"
      [ -z "${GO:-}" ] || until [ -e "$GO" ]; do :; done
      if [ -n "${FAIL:-}" ]; then
        echo '[INFO] Building Weir core 1.0 [3/6]'
        echo '[ERROR] Weir.java:[1,1] this does not compile'
        exit 1
      fi
      n=0
      while [ $n -lt "${DOWNLOADS:-0}" ]; do
        n=$((n + 1))
        # In batch mode Maven prefixes the line, and in others not.
        [ $((n % 2)) = 0 ] || printf '[INFO] '
        echo "Downloaded from central: https://repo.example/$n.jar (1 kB at 2 kB/s)"
      done
      echo '[INFO] Building Weir core 1.0 [3/6]'
      mkdir -p jobs/target/launch
      echo spark.jar:core.jar >jobs/target/launch/spark.classpath
      echo core.jar >jobs/target/launch/core.classpath
      touch jobs/target/weir-jobs-1.0.jar
      printf 'the last line has no end'
      """;

  private static final List<String> TOOLS =
      List.of(
          "sh",
          "awk",
          "cat",
          "cp",
          "date",
          "dirname",
          "find",
          "grep",
          "head",
          "ln",
          "ls",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sleep",
          "stty",
          "tail",
          "tee",
          "touch");

  @TempDir Path folder;

  private Path root;
  private Path bin;
  private Path calls;

  record Said(int code, String out, String err) {}

  @BeforeEach
  void copy() throws IOException {
    root = Files.createDirectories(folder.resolve("a copy"));
    bin = Files.createDirectories(folder.resolve("bin"));
    calls = Files.createDirectories(folder.resolve("calls"));
    Files.copy(
        Repository.root().resolve("weir"),
        root.resolve("weir"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    Files.createDirectories(root.resolve("conf"));
    Files.createDirectories(root.resolve("framework/core/src/main/java"));
    Files.createDirectories(root.resolve("jobs/src/main/java"));
    Files.writeString(root.resolve("jobs/src/main/java/A.java"), "class A {}");
    for (String tool : TOOLS) {
      Path found =
          Stream.of(System.getenv("PATH").split(":"))
              .map(at -> Path.of(at, tool))
              .filter(Files::isExecutable)
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("No " + tool + " on the path"));
      Files.createSymbolicLink(bin.resolve(tool), found);
    }
    script("java", JAVA.replace("VERSION", "17.0.9"));
    script("javac", "#!/bin/sh\n");
    script("mvn", MAVEN.replace("VERSION", "3.9.9"));
  }

  @AfterEach
  void takeAwayLinks() throws IOException {
    for (String tool : TOOLS) {
      Files.deleteIfExists(bin.resolve(tool));
    }
  }

  private void script(String name, String text) throws IOException {
    Path file = Files.writeString(bin.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Process start(List<String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(root.resolve("weir").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("CALLS", calls.toString());
    builder.environment().put("WEIR_NO_ARCHIVES", "1");
    for (String entry : environment) {
      String[] parts = entry.split("=", 2);
      builder.environment().put(parts[0], parts[1]);
    }
    return builder.start();
  }

  private static Said end(Process process) throws Exception {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), out, err);
  }

  private Said weir(String... arguments) throws Exception {
    return end(start(List.of(), arguments));
  }

  private int builds() throws IOException {
    Path file = calls.resolve("mvn");
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  private static void assertRefused(Said said, String sentence) {
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).isEqualTo("weir: " + sentence + "\n");
  }

  // --- What is missing gets one sentence

  @Test
  void noJava() throws Exception {
    Files.delete(bin.resolve("java"));
    assertRefused(
        weir("--help"), "no Java on the path; install a JDK 17 or 21, or set JAVA_HOME to one.");
  }

  @Test
  void aJavaHomeWithoutJava() throws Exception {
    assertRefused(
        end(start(List.of("JAVA_HOME=/nowhere"), "--help")),
        "JAVA_HOME is /nowhere, where there is no bin/java; set it to a JDK 17 or 21.");
  }

  @Test
  void aJavaThatSparkDoesNotRunOn() throws Exception {
    script("java", JAVA.replace("VERSION", "11.0.2"));
    assertRefused(
        weir("--help"),
        bin
            + "/java is Java 11; Spark 4.1 runs on 17 and 21. Install one of these, or set JAVA_HOME to one.");
    script("java", JAVA.replace("VERSION", "1.8.0_292"));
    assertThat(weir("--help").err()).contains("/java is Java 8; ");
    script("java", JAVA.replace("VERSION", "25"));
    assertThat(weir("--help").err()).contains("/java is Java 25; ");
  }

  @Test
  void aJavaWithoutACompiler() throws Exception {
    Files.delete(bin.resolve("javac"));
    assertRefused(
        weir("run", "credit"),
        bin
            + "/java is a Java without a compiler, which the first start needs; install a JDK 17 or 21.");
  }

  @Test
  void noMaven() throws Exception {
    Files.delete(bin.resolve("mvn"));
    assertRefused(
        weir("--help"),
        "no Maven on the path, which the first start needs; install Maven 3.8 or later.");
  }

  @Test
  void anOldMaven() throws Exception {
    script("mvn", MAVEN.replace("VERSION", "3.6.3"));
    assertRefused(weir("--help"), "mvn is Maven 3.6.3; 3.8 or later is needed.");
  }

  @Test
  void aBuildThatFailsNamesItsErrorsAndItsLog() throws Exception {
    Said said = end(start(List.of("FAIL=1"), "run", "credit"));

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.out()).isEmpty();
    assertThat(said.err())
        .startsWith("weir: first start: building with Maven 3.9.9 (later starts build nothing)\n")
        .contains("[ERROR] Weir.java:[1,1] this does not compile\n")
        .endsWith(
            "weir: the build failed; the whole of it is in %s/jobs/target/launch/build.log\n"
                .formatted(root.toRealPath()));

    assertThat(weir("--help").code()).isZero();
    assertThat(builds()).isEqualTo(2);
  }

  // --- What works

  @Test
  void theFirstStartBuildsAndLaterOnesDoNot() throws Exception {
    Said first = weir("runs");

    assertThat(first.code()).isZero();
    assertThat(first.err())
        .contains("weir: first start: building with Maven 3.9.9")
        .contains("  building Weir core 1.0\n")
        .containsPattern("weir: built in \\d+ s\n$");

    Said second = weir("runs");

    assertThat(second.code()).isZero();
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).isEqualTo(first.out());
    assertThat(builds()).isEqualTo(1);
    assertThat(Files.readAllLines(calls.resolve("java-version"))).hasSize(1);
  }

  @Test
  void aBuildThatDownloadsSaysHowFarItIs() throws Exception {
    assertThat(end(start(List.of("DOWNLOADS=250"), "runs")).err().lines())
        .containsSubsequence(
            "  100 files downloaded",
            "  200 files downloaded",
            "  250 files downloaded, building Weir core 1.0");
  }

  @Test
  void changedSourcesAreBuiltAndTestsAreNot() throws Exception {
    weir("--help");
    FileTime later = FileTime.from(Instant.now().plusSeconds(60));
    Path test = Files.createDirectories(root.resolve("jobs/src/test/java")).resolve("ATest.java");
    Files.setLastModifiedTime(Files.writeString(test, "class ATest {}"), later);

    assertThat(weir("--help").err()).isEmpty();

    Files.setLastModifiedTime(root.resolve("jobs/src/main/java/A.java"), later);

    assertThat(weir("--help").err())
        .startsWith("weir: sources changed since the last build; building with Maven 3.9.9\n");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void eachCommandGetsTheClassPathThatItNeeds() throws Exception {
    weir("--version");

    assertThat(weir("run", "credit").out())
        .contains("weir-jobs-1.0.jar:spark.jar:core.jar ", " --add-opens=for=spark ")
        .contains(" dev.weir.cli.Main run credit\n")
        // The command line sets it, since a project may have its own.
        .doesNotContain("log4j2.configurationFile")
        .contains("SPARK_LOCAL_IP=127.0.0.1\n")
        .contains("WEIR_ROOT=" + root.toRealPath() + "\n");
    assertThat(weir("show", "a b").out())
        .contains("weir-jobs-1.0.jar:core.jar ", " dev.weir.cli.Main show a b\n")
        .doesNotContain("spark.jar");
    assertThat(weir("run", "--help").out())
        .contains("weir-jobs-1.0.jar:core.jar ", " dev.weir.cli.Main run --help\n");
    assertThat(weir("reproduce", "credit.default").out()).contains(":spark.jar:core.jar ");
    assertThat(weir("suggest", "credit.raw").out()).contains(":spark.jar:core.jar ");
    assertThat(weir("quality", "credit.clean").out())
        .contains(":core.jar ")
        .doesNotContain("spark.jar");
    assertThat(weir("diff", "a.b@1", "a.b@2").out()).doesNotContain("spark.jar");
    assertThat(weir("rebuild", "--from", "a.b@1").out()).contains(":spark.jar:core.jar ");
    assertThat(weir("rebuild", "--from", "a.b@1", "--plan").out()).doesNotContain("spark.jar");
  }

  @Test
  void aRunBeginsInTheJvmThatIsSoonestOverAndGoesOnInThatForSpark() throws Exception {
    weir("--version");

    assertThat(weir("run", "credit").out())
        .contains(" -XX:TieredStopAtLevel=1 ", " -Dweir.quick=true ")
        .containsOnlyOnce("java ");
    Said handedOver = end(start(List.of("QUICK=86"), "run", "credit"));
    assertThat(handedOver.code()).isZero();
    assertThat(handedOver.out())
        .contains(" -XX:+UseParallelGC ", " dev.weir.cli.Main run credit\n")
        .doesNotContain("weir.quick", "TieredStopAtLevel");
    Said failed = end(start(List.of("QUICK=2"), "run", "credit"));
    assertThat(failed.code()).isEqualTo(2);
    assertThat(failed.out()).isEmpty();
    assertThat(weir("run", "credit", "--fresh").out()).doesNotContain("weir.quick");
  }

  @Test
  void aRunThatIsStoppedBeforeItsWorkBeginsDoesNotBeginIt() throws Exception {
    weir("--version");

    Process process = start(List.of("QUICK=86", "SIGNAL=TERM"), "run", "credit");
    Files.writeString(calls.resolve("launcher"), String.valueOf(process.pid()));
    Said said = end(process);

    assertThat(said.code()).isEqualTo(143);
    assertThat(said.out()).isEmpty();
  }

  @Test
  void aClustersExecutorsGetTheJarAndTheDriverTheirModules() throws Exception {
    weir("--version");

    assertThat(
            end(start(List.of("QUICK=86"), "run", "credit", "--master", "spark://far:7077")).out())
        .contains(" --add-modules=jdk.incubator.vector ", "SPARK_LOCAL_IP=\n", "SPARK_HOME=\n")
        .contains("WEIR_JAR=" + root.toRealPath() + "/jobs/target/weir-jobs.jar\n");
    assertThat(weir("run", "credit", "--master=local[2]").out())
        .doesNotContain("jdk.incubator.vector")
        .contains("SPARK_LOCAL_IP=127.0.0.1\n");
  }

  @Test
  void aClusterOfThisMachineStartsFromWhatLooksLikeADistribution() throws Exception {
    weir("--version");
    Path launch = root.toRealPath().resolve("jobs/target/launch");
    Path repository = Files.createDirectories(folder.resolve("a repository/io/delta")).getParent();
    Path spark = Files.createFile(repository.resolve("spark-core.jar"));
    Path delta = Files.createFile(repository.resolve("delta/delta-spark.jar"));
    Path own = root.toRealPath().resolve("framework/core/target/weir-core.jar");
    Files.writeString(
        launch.resolve("spark.classpath"), String.join(":", "" + spark, "" + delta, "" + own));

    assertThat(
            end(start(List.of("QUICK=86"), "run", "credit", "--master", "local-cluster[2,1,1024]"))
                .out())
        .contains(" --add-modules=jdk.incubator.vector ", "SPARK_LOCAL_IP=127.0.0.1\n")
        .contains("SPARK_HOME=" + launch + "/spark\n");
    assertThat(launch.resolve("spark/RELEASE")).exists();
    assertThat(launch.resolve("spark/jars"))
        .isDirectoryContaining(file -> file.endsWith("spark-core.jar"))
        .isDirectoryNotContaining(file -> file.endsWith("delta-spark.jar"))
        .isDirectoryNotContaining(file -> file.endsWith("weir-core.jar"));
    assertThat(
            end(start(
                    List.of("SPARK_HOME=/opt/spark"), "run", "a", "--master=local-cluster[1,1,9]"))
                .out())
        .contains("SPARK_HOME=/opt/spark\n");
  }

  @Test
  void classArchivesAreMadeInTheBackgroundAndUsedLater() throws Exception {
    assertThat(end(start(List.of("WEIR_NO_ARCHIVES="), "runs")).out())
        .doesNotContain("SharedArchiveFile");
    Path launch = root.resolve("jobs/target/launch");
    while (Files.notExists(launch.resolve("core.jsa")) || archiving(launch)) {
      if (Thread.interrupted()) {
        throw new AssertionError(Files.readString(launch.resolve("archive.log")));
      }
    }

    assertThat(weir("runs").out())
        .contains("-XX:SharedArchiveFile=" + launch.toRealPath() + "/core.jsa ");
    assertThat(weir("run", "credit").out())
        .contains("-XX:SharedArchiveFile=" + launch.toRealPath() + "/quick.jsa ");
    assertThat(weir("resume", "credit").out())
        .contains("-XX:SharedArchiveFile=" + launch.toRealPath() + "/spark.jsa ");

    // Archives fit one JVM only.
    script("java", JAVA.replace("VERSION", "17.0.10 of another build"));
    assertThat(weir("runs").out()).doesNotContain("SharedArchiveFile");
  }

  private static boolean archiving(Path launch) throws IOException {
    try (Stream<Path> files = Files.list(launch)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("archive-"));
    }
  }

  @Test
  void aLinkToTheLauncherIsAsGood() throws Exception {
    Path link = Files.createSymbolicLink(bin.resolve("linked"), root.resolve("weir"));
    ProcessBuilder builder = new ProcessBuilder(link.toString(), "--version");
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("CALLS", calls.toString());
    builder.environment().put("WEIR_NO_ARCHIVES", "1");

    assertThat(end(builder.start()).out()).contains("WEIR_ROOT=" + root.toRealPath() + "\n");
  }

  @Test
  void ofTwoFirstStartsOneBuildsAndTheOtherWaits() throws Exception {
    Path go = folder.resolve("go");
    List<String> environment = List.of("GO=" + go);
    Process one = start(environment, "--version");
    BufferedReader errors = one.errorReader(StandardCharsets.UTF_8);
    assertThat(errors.readLine()).startsWith("weir: first start: building");
    Process other = start(environment, "--version");
    BufferedReader waiting = other.errorReader(StandardCharsets.UTF_8);
    assertThat(waiting.readLine())
        .isEqualTo("weir: waiting for the build that process %d is making".formatted(one.pid()));

    Files.createFile(go);

    assertThat(one.waitFor()).isZero();
    assertThat(other.waitFor()).isZero();
    assertThat(waiting.readLine()).isNull();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void theBuildOfADeadProcessIsNotWaitedFor() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    Path launch = Files.createDirectories(root.resolve("jobs/target/launch"));
    Files.createSymbolicLink(launch.resolve("builder"), Path.of(String.valueOf(dead.pid())));
    // Of a process that was killed before it had said who it is.
    Files.createDirectory(launch.resolve("lock"));

    // Both find the lock of the dead process, and one of them builds.
    Process one = start(List.of(), "--version");
    Process other = start(List.of(), "--version");

    assertThat(end(one).code()).isZero();
    assertThat(end(other).code()).isZero();
    assertThat(builds()).isEqualTo(1);
    try (Stream<Path> left = Files.list(launch)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("builder"));
    }
  }
}
