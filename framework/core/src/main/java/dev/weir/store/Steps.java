package dev.weir.store;

import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The moments right before something becomes durable. Whoever tests what a process leaves behind
 * that ends in between names a {@code Consumer<String>} by the system property {@code weir.steps};
 * it is told of each step before that is taken. Nobody is told otherwise.
 */
final class Steps {
  private static final String PROPERTY = "weir.steps";

  private static final Consumer<String> OBSERVER = observer();

  private Steps() {}

  /** Tells of a file that is about to be put in its place. */
  static void before(Path file) {
    OBSERVER.accept(file.toString());
  }

  @SuppressWarnings("unchecked")
  private static Consumer<String> observer() {
    String name = System.getProperty(PROPERTY);
    if (name == null) {
      return step -> {};
    }
    try {
      return (Consumer<String>)
          Class.forName(name).asSubclass(Consumer.class).getDeclaredConstructor().newInstance();
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      throw new IllegalStateException("-D" + PROPERTY + " names " + name + ", no observer", e);
    }
  }
}
