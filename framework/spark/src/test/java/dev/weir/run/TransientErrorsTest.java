package dev.weir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.Timeout;
import dev.failsafe.TimeoutExceededException;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.apache.spark.SparkException;
import org.apache.spark.SparkThrowable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransientErrorsTest {
  /** An error of Spark's with a state. */
  private static final class Stated extends RuntimeException implements SparkThrowable {
    private static final long serialVersionUID = 1L;
    private final String state;

    Stated(String state) {
      super(state);
      this.state = state;
    }

    @Override
    public String getCondition() {
      return "STATED";
    }

    @Override
    public String getSqlState() {
      return state;
    }
  }

  static Stream<Throwable> passing() {
    return Stream.of(
        new ConnectException("refused"),
        new NoRouteToHostException("no route"),
        new PortUnreachableException("unreachable"),
        new SocketTimeoutException("read timed out"),
        new UnknownHostException("nowhere"),
        new HttpTimeoutException("request timed out"),
        new HttpConnectTimeoutException("connect timed out"),
        new SQLTransientException("later"),
        new SQLTimeoutException("later"),
        new SQLRecoverableException("reconnect"),
        new io.delta.exceptions.ConcurrentAppendException("files were added"),
        new org.apache.spark.sql.delta.ConcurrentWriteException("a write"),
        new io.delta.kernel.exceptions.ConcurrentWriteException(),
        new TimeoutExceededException(Timeout.of(Duration.ofSeconds(1))));
  }

  @Test
  void nothingThatRanOutOfMemoryPasses() {
    Throwable error = new ConnectException("refused");
    error.initCause(new OutOfMemoryError("Java heap space"));
    assertThat(TransientErrors.include(error)).isFalse();
    Throwable stated = new Stated("53200");
    assertThat(TransientErrors.include(stated)).isTrue();
    stated.initCause(new OutOfMemoryError("no more for this task") {});
    assertThat(TransientErrors.include(stated)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("passing")
  void whatMayPassIsTriedAgainHoweverItIsWrapped(Throwable error) {
    assertThat(TransientErrors.include(error)).isTrue();
    assertThat(
            TransientErrors.include(
                new CompletionException(
                    new SparkException(
                        "Job aborted", new IOException(new RuntimeException(error))))))
        .isTrue();
  }

  @Test
  void everyClassOnTheListIsTried() {
    assertThat(TransientErrors.CLASSES)
        .allSatisfy(
            name ->
                assertThat(passing())
                    .anyMatch(
                        error ->
                            Stream.<Class<?>>iterate(
                                    error.getClass(), c -> c != null, Class::getSuperclass)
                                .anyMatch(c -> c.getName().equals(name))));
  }

  static Stream<Throwable> staying() {
    SQLException chained = new SQLException("outer", "42000");
    chained.initCause(new IllegalArgumentException("inner"));
    return Stream.of(
        new IllegalStateException("broken"),
        new FileNotFoundException("gone"),
        new IOException("disk"),
        new SocketException("closed"),
        new URISyntaxException("x", "y"),
        new java.util.ConcurrentModificationException("a list"),
        new SQLException("no state"),
        new SQLSyntaxErrorException("syntax", "42601"),
        chained,
        new SparkException("Job aborted"),
        new OutOfMemoryError("heap"));
  }

  @ParameterizedTest
  @MethodSource("staying")
  void whatIsNotOnTheListIsNotTriedAgain(Throwable error) {
    assertThat(TransientErrors.include(error)).isFalse();
    assertThat(TransientErrors.include(new CompletionException(error))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"08000", "08006", "40001", "40003", "2D521", "53000", "53300", "57P03"})
  void statesThatPass(String state) {
    assertThat(TransientErrors.include(new SQLException("x", state))).isTrue();
    assertThat(TransientErrors.include(new RuntimeException(new Stated(state)))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"42000", "22012", "40000", "40002", "2D000", "57014", "54000", "XX000"})
  void statesThatStay(String state) {
    assertThat(TransientErrors.include(new SQLException("x", state))).isFalse();
    assertThat(TransientErrors.include(new Stated(state))).isFalse();
  }

  @ParameterizedTest
  @EnumSource(ErrorKind.class)
  void ofWeirsOwnErrorsOnlyTheTransientAreTriedAgain(ErrorKind kind) {
    boolean again = kind == ErrorKind.TRANSIENT;
    assertThat(TransientErrors.include(new WeirException("x", kind, "X.", ""))).isEqualTo(again);
    // Weir has judged already, whatever led to it.
    Throwable judged = new WeirException("x", kind, "X.", "", new ConnectException("refused"));
    assertThat(TransientErrors.include(new CompletionException(judged))).isEqualTo(again);
    Throwable passing = new WeirException("x", kind, "X.", "", new IllegalStateException("x"));
    assertThat(TransientErrors.include(passing)).isEqualTo(again);
  }

  @Test
  void causesInARingEnd() {
    RuntimeException first = new RuntimeException("first");
    RuntimeException second = new RuntimeException("second", first);
    first.initCause(second);
    assertThat(TransientErrors.include(first)).isFalse();
    assertThat(TransientErrors.include(null)).isFalse();
  }

  @Test
  void theReadmeListsTheSame() throws IOException {
    String readme = Files.readString(Path.of("../../README.md"));
    String section =
        readme.substring(readme.indexOf("## Errors that are tried again")).split("\n## ", 2)[0];
    for (String name : TransientErrors.CLASSES) {
      assertThat(section).contains("`" + name.substring(name.lastIndexOf('.') + 1) + "`");
    }
    assertThat(section)
        .contains("class 08", "class 53")
        .contains(List.of("40001", "40003", "2D521", "57P03"));
  }
}
