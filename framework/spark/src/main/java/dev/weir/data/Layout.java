package dev.weir.data;

import dev.weir.artifact.DatasetName;
import dev.weir.store.Home;
import java.net.URI;

/**
 * Where things lie in a home.
 *
 * @param home the home's path as Delta takes it, without a slash at its end
 */
public record Layout(String home) {
  /** The table of the files of all fitted models, relative to the home. */
  public static final String ARTIFACTS = "models/artifacts";

  /** The layout of an opened home. */
  public static Layout of(Home home) {
    return new Layout(home.path());
  }

  /** The Delta table of a dataset. */
  public String dataset(DatasetName name) {
    return home + "/" + relative(name);
  }

  /** The Delta table of a dataset, relative to the home. */
  public String relative(DatasetName name) {
    return "datasets/" + name.namespace() + "/" + name.name();
  }

  /** Where models lie for a while as MLlib reads and writes them; executors reach it too. */
  public URI scratch() {
    return new org.apache.hadoop.fs.Path(home + "/tmp").toUri();
  }
}
