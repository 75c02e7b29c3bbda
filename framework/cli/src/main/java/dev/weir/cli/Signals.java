package dev.weir.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * Takes Ctrl-C and a polite kill as a wish to cancel rather than as the end of the process. The JDK
 * has this in a class that the compiler warns of, so it is called by name; where it is missing, the
 * process ends as any other does.
 */
final class Signals {
  private Signals() {}

  /** Calls {@code action} at the first signal, and ends the process at the second. */
  static void onInterrupt(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      boolean[] asked = {false};
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                switch (method.getName()) {
                  case "handle" -> {
                    synchronized (asked) {
                      if (asked[0]) {
                        Runtime.getRuntime().halt(ExitCode.CANCELLED);
                      }
                      asked[0] = true;
                    }
                    // Signals arrive on a thread of the JVM's own, which must not be kept.
                    Thread thread = new Thread(action, "weir-cancel");
                    thread.setDaemon(true);
                    thread.start();
                    return null;
                  }
                  case "hashCode" -> {
                    return System.identityHashCode(self);
                  }
                  case "equals" -> {
                    return arguments != null && self == arguments[0];
                  }
                  default -> {
                    return "weir";
                  }
                }
              });
      for (String name : new String[] {"INT", "TERM"}) {
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      }
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      // Without it Ctrl-C still ends the process; the lease expires by itself.
      return;
    }
  }
}
