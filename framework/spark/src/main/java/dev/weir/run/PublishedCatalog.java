package dev.weir.run;

import dev.weir.artifact.DatasetName;
import dev.weir.artifact.ModelName;
import dev.weir.lineage.Published;
import dev.weir.pipeline.Graph;
import dev.weir.store.Home;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What a home's lineage says is published. */
public record PublishedCatalog(Optional<Published> published) implements Graph.Catalog {
  /** What a home holds now. */
  public static PublishedCatalog of(Home home) {
    return new PublishedCatalog(Optional.of(Published.of(home)));
  }

  /** Nothing. */
  public static PublishedCatalog empty() {
    return new PublishedCatalog(Optional.empty());
  }

  @Override
  public List<Long> versions(DatasetName name) {
    return published.map(p -> p.versions(name)).orElse(List.of());
  }

  @Override
  public List<Integer> versions(ModelName name) {
    return published.map(p -> p.versions(name)).orElse(List.of());
  }

  @Override
  public Collection<String> names() {
    List<String> names = new ArrayList<>();
    published.ifPresent(
        p -> {
          p.datasets().keySet().forEach(name -> names.add(name.toString()));
          p.models().forEach(model -> names.add(model.name().toString()));
        });
    return names;
  }
}
