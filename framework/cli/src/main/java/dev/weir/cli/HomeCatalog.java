package dev.weir.cli;

import dev.weir.artifact.DatasetName;
import dev.weir.artifact.ModelName;
import dev.weir.pipeline.Graph;
import dev.weir.run.PublishedCatalog;
import dev.weir.store.Home;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a home holds, looked up when it is first asked for: most pipelines read nothing that they do
 * not make. A folder that is no home yet holds nothing.
 */
final class HomeCatalog implements Graph.Catalog, AutoCloseable {
  private final URI location;
  private final Map<String, String> hadoop;
  private @Nullable Home home;
  private @Nullable PublishedCatalog found;

  /**
   * @param hadoop Hadoop's properties, with which the home's store is reached
   */
  HomeCatalog(URI location, Map<String, String> hadoop) {
    this.location = location;
    this.hadoop = Map.copyOf(hadoop);
  }

  @Override
  public List<Long> versions(DatasetName name) {
    return look().versions(name);
  }

  @Override
  public List<Integer> versions(ModelName name) {
    return look().versions(name);
  }

  @Override
  public Collection<String> names() {
    return look().names();
  }

  private PublishedCatalog look() {
    if (found == null) {
      home = Home.existing(location, hadoop).orElse(null);
      found = home == null ? PublishedCatalog.empty() : PublishedCatalog.of(home);
    }
    return found;
  }

  @Override
  public void close() {
    if (home != null) {
      home.close();
    }
  }
}
