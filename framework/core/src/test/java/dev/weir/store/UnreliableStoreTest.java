package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.PositionOutputStream;
import io.delta.kernel.utils.CloseableIterator;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store whose answers are lost or old: whether a commit was made is looked up, and never guessed.
 */
class UnreliableStoreTest {
  private static final TableDefinition NUMBERS =
      new TableDefinition(
          List.of(Column.required("n", ColumnType.LONG, "A number.")),
          Map.of("delta.checkpointInterval", "5"));

  /** What happens to the next commit. */
  private enum Next {
    ANSWERED,
    MADE_AND_NOT_ANSWERED,
    NOT_MADE
  }

  private final Path folder;
  private Next next = Next.ANSWERED;
  private boolean unreadable;

  /** The end of a file's name that is said not to be there, as a network's file system may. */
  private String hidden = "";

  private final Store store = Store.local(unreliable(new LocalFileIo()));

  UnreliableStoreTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void close() {
    store.close();
  }

  /** Real files, of which the connection breaks down when it is told to. */
  private FileIO unreliable(FileIO files) {
    return (FileIO)
        Proxy.newProxyInstance(
            FileIO.class.getClassLoader(),
            new Class<?>[] {FileIO.class},
            (proxy, method, arguments) -> {
              if (unreadable && method.getName().equals("listFrom")) {
                throw new IOException("Connection reset");
              }
              if (method.getName().equals("getFileStatus")
                  && !hidden.isEmpty()
                  && ((String) arguments[0]).endsWith(hidden)) {
                throw new FileNotFoundException((String) arguments[0]);
              }
              try {
                Object result = method.invoke(files, arguments);
                return method.getName().equals("newOutputFile")
                        && WholeCommit.isCommit((String) arguments[0])
                    ? new Commit((OutputFile) result)
                    : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private final class Commit implements OutputFile {
    private final OutputFile file;

    Commit(OutputFile file) {
      this.file = file;
    }

    @Override
    public String path() {
      return file.path();
    }

    @Override
    public PositionOutputStream create(boolean putIfAbsent) throws IOException {
      return file.create(putIfAbsent);
    }

    @Override
    public void writeAtomically(CloseableIterator<String> lines, boolean overwrite)
        throws IOException {
      Next now = next;
      if (now == Next.MADE_AND_NOT_ANSWERED) {
        next = Next.ANSWERED;
      }
      if (now != Next.NOT_MADE) {
        file.writeAtomically(lines, overwrite);
      }
      if (now != Next.ANSWERED) {
        throw new IOException("Connection reset");
      }
    }
  }

  private DeltaTable numbers() {
    DeltaTable table = store.table(folder.resolve("t"));
    table.create(NUMBERS);
    table.append(List.of(List.of(1L)));
    return table;
  }

  @Test
  void oneThatWasMadeIsFoundInTheLog() {
    DeltaTable table = numbers();
    next = Next.MADE_AND_NOT_ANSWERED;
    assertThat(table.append(List.of(List.of(2L)), Optional.of(new TransactionId("key", 1))))
        .isEqualTo(2);
    assertThat(table.latest().transactionVersion("key")).hasValue(1);
    next = Next.MADE_AND_NOT_ANSWERED;
    assertThat(table.append(List.of(List.of(3L)))).isEqualTo(3);
    TableSnapshot expected = table.latest();
    next = Next.MADE_AND_NOT_ANSWERED;
    assertThat(table.append(expected, List.of(List.of(4L)), new TransactionId("key", 2)))
        .isEqualTo(4);
    assertThat(table.append(List.of(List.of(5L)))).isEqualTo(5);
    assertThat(table.latest().rows())
        .as("each once")
        .extracting(row -> row.number("n"))
        .containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void oneThatWasNotMadeIsSaidToHaveFailed() {
    DeltaTable table = numbers();
    next = Next.NOT_MADE;
    assertThatThrownBy(() -> table.append(List.of(List.of(2L))))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("store-failed"));
    TableSnapshot expected = table.latest();
    TransactionId id = new TransactionId("key", 1);
    assertThatThrownBy(() -> table.append(expected, List.of(List.of(2L)), id))
        .as("nobody came between")
        .isNotInstanceOf(ConflictException.class)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("store-failed"));
    assertThatThrownBy(() -> table.replace(List.of(List.of(2L)), id))
        .isNotInstanceOf(ConflictException.class)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("store-failed"));
    next = Next.ANSWERED;
    assertThat(table.append(List.of(List.of(2L)))).isEqualTo(2);
    assertThat(table.latest().rows()).hasSize(2);
  }

  @Test
  void whereItCanNotBeLookedUpThatIsSaid() {
    DeltaTable table = numbers();
    next = Next.MADE_AND_NOT_ANSWERED;
    unreadable = true;
    assertThatThrownBy(() -> table.append(List.of(List.of(2L))))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("commit-unknown"));
    unreadable = false;
    TableSnapshot expected = table.latest();
    assertThat(expected.version()).isEqualTo(2);
    next = Next.MADE_AND_NOT_ANSWERED;
    unreadable = true;
    assertThatThrownBy(
            () -> table.append(expected, List.of(List.of(3L)), new TransactionId("key", 1)))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("commit-unknown"));
    unreadable = false;
    assertThat(table.latest().version()).isEqualTo(3);
    assertThat(table.latest().rows()).hasSize(3);
  }

  @Test
  void aListingKnowsOfACommitWhoseNameIsRememberedAsMissing() {
    DeltaTable table = numbers();
    hidden = "00000000000000000002.json";
    Store other = Store.local();
    other.table(folder.resolve("t")).append(List.of(List.of(2L)));
    other.close();
    assertThat(table.latest().version()).as("by its name").isEqualTo(1);
    assertThat(table.listed().version()).isEqualTo(2);
    hidden = "";
    assertThat(table.append(List.of(List.of(3L)))).isEqualTo(3);
  }
}
