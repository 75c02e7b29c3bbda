package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.provenance.Difference;
import dev.weir.provenance.Difference.Part;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DiffActionTest {
  @Test
  void manyFilesOfOneFolderAreOneLine() {
    List<Difference> found = new ArrayList<>();
    for (int day = 1; day <= 6; day++) {
      found.add(new Difference(Part.FILES, "/data/feed/" + day + ".csv", "a" + day, null, false));
    }
    found.add(new Difference(Part.FILES, "/data/feed/7.csv", "a7", "b7", false));
    found.add(new Difference(Part.FILES, "/data/few.csv", "c", "d", false));

    assertThat(DiffAction.folded(Part.FILES, found))
        .containsExactly(
            new Difference(Part.FILES, "/data/feed/", "7 files", "1 file", false),
            new Difference(Part.FILES, "/data/few.csv", "c", "d", false));
    assertThat(DiffAction.folded(Part.DATA, found)).isEqualTo(found);
  }

  @Test
  void aLongPathIsShownByItsEnd() {
    assertThat(Text.fitEnd("/a/long/path/file.csv", 9)).isEqualTo("…file.csv");
    assertThat(Text.fitEnd("file.csv", 8)).isEqualTo("file.csv");
  }
}
