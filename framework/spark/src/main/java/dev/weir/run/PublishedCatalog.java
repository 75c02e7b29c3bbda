package dev.weir.run;

import dev.weir.artifact.DatasetName;
import dev.weir.artifact.ModelName;
import dev.weir.lineage.Published;
import dev.weir.pipeline.Graph;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What a home's lineage says is published. */
public record PublishedCatalog(Published published) implements Graph.Catalog {
  @Override
  public boolean has(DatasetName name) {
    return published.dataset(name, null).isPresent();
  }

  @Override
  public boolean has(ModelName name) {
    return published.model(name, null).isPresent();
  }

  @Override
  public Collection<String> names() {
    List<String> names = new ArrayList<>();
    published.datasets().keySet().forEach(name -> names.add(name.toString()));
    published.models().forEach(model -> names.add(model.name().toString()));
    return names;
  }
}
