package dev.weir.run;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;

/**
 * Which errors may pass by themselves, so that another attempt makes sense. What is not listed is
 * not tried again.
 *
 * <ul>
 *   <li>errors that Weir itself calls transient;
 *   <li>network: {@code ConnectException}, {@code NoRouteToHostException}, {@code
 *       PortUnreachableException}, {@code SocketTimeoutException}, {@code UnknownHostException},
 *       {@code HttpTimeoutException}, {@code HttpConnectTimeoutException};
 *   <li>JDBC: {@code SQLTransientException}, {@code SQLRecoverableException} and what extends them;
 *   <li>Delta: concurrent writers ({@code io.delta.exceptions.DeltaConcurrentModificationException}
 *       and what extends it, Kernel's {@code ConcurrentWriteException});
 *   <li>by SQLSTATE: class 08 (connection), 40001 (serialization failure), 40003 (statement
 *       completion unknown), 2D521 (Delta's concurrent transactions), class 53 (out of resources),
 *       57P03 (cannot connect now);
 *   <li>an attempt that ran into its own timeout.
 * </ul>
 *
 * <p>Nothing that ran out of memory is: it would again.
 */
final class TransientErrors {
  /** Names, since some of these classes may not be on the class path. */
  static final Set<String> CLASSES =
      Set.of(
          "java.net.ConnectException",
          "java.net.NoRouteToHostException",
          "java.net.PortUnreachableException",
          "java.net.SocketTimeoutException",
          "java.net.UnknownHostException",
          "java.net.http.HttpTimeoutException",
          "java.sql.SQLTransientException",
          "java.sql.SQLRecoverableException",
          "io.delta.exceptions.DeltaConcurrentModificationException",
          "org.apache.spark.sql.delta.DeltaConcurrentModificationException",
          "io.delta.kernel.exceptions.ConcurrentWriteException",
          "dev.failsafe.TimeoutExceededException");

  private static final List<Predicate<String>> SQL_STATES =
      List.of(
          state -> state.startsWith("08"),
          "40001"::equals,
          "40003"::equals,
          "2D521"::equals,
          state -> state.startsWith("53"),
          "57P03"::equals);

  private TransientErrors() {}

  /** True when the error, or one that led to it, is on the list. */
  static boolean include(@Nullable Throwable error) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    if (outOfMemory(error)) {
      return false;
    }
    for (Throwable e = error; e != null && seen.add(e); e = e.getCause()) {
      if (e instanceof WeirException weir) {
        return weir.kind() == ErrorKind.TRANSIENT;
      }
      if (listed(e.getClass()) || (e instanceof SparkThrowable spark && listed(state(spark)))) {
        return true;
      }
      if (e instanceof java.sql.SQLException sql && listed(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  private static boolean outOfMemory(@Nullable Throwable error) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable e = error; e != null && seen.add(e); e = e.getCause()) {
      if (e instanceof OutOfMemoryError) {
        return true;
      }
    }
    return false;
  }

  private static boolean listed(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      if (CLASSES.contains(c.getName())) {
        return true;
      }
    }
    return false;
  }

  private static boolean listed(@Nullable String state) {
    return state != null && SQL_STATES.stream().anyMatch(test -> test.test(state));
  }

  private static @Nullable String state(SparkThrowable error) {
    return error.getSqlState();
  }
}
