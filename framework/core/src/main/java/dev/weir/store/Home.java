package dev.weir.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A home: the folder that holds everything Weir keeps. Its file {@code weir-home.json} says in
 * which format, and is written once.
 */
public final class Home implements AutoCloseable {
  /** The format that this Weir writes, and the newest that it reads. */
  public static final int FORMAT = 1;

  private static final String FILE = "weir-home.json";

  private final Store store;
  private final String path;
  private final Map<String, WeakReference<DeltaTable>> tables = new HashMap<>();

  private Home(Store store, String path) {
    this.store = store;
    this.path = path;
  }

  /** Opens the home in a local folder, and makes it if it is not there. */
  public static Home open(Path folder) {
    return open(folder.toUri(), Map.of());
  }

  /**
   * Opens a home, and makes it if it is not there.
   *
   * @param location an absolute path or a URI
   * @param hadoop Hadoop's properties for a home that is not local
   * @throws WeirException {@code store-unsafe} if its store can't put a file in place only if
   *     absent, {@code home-newer} if a newer Weir made it
   */
  public static Home open(URI location, Map<String, String> hadoop) {
    Home home = of(location, hadoop);
    if (!home.check()) {
      home.make();
      home.check();
    }
    return home;
  }

  /** Opens a home if it is there; throws as {@link #open(URI, Map)} does. */
  public static Optional<Home> existing(URI location, Map<String, String> hadoop) {
    Home home = of(location, hadoop);
    return home.check() ? Optional.of(home) : Optional.empty();
  }

  private static Home of(URI location, Map<String, String> hadoop) {
    return new Home(Store.of(location, hadoop), Store.kernelPath(location));
  }

  /** Where the home is, as Kernel and Spark take it: not percent-encoded. */
  public String path() {
    return path;
  }

  /** The store that holds it. */
  public Store store() {
    return store;
  }

  /**
   * The table at a path inside the home, such as {@code lineage/events}; the same as long as it is
   * in use, so that what one part of a process has seen of it, another need not look up.
   */
  public synchronized DeltaTable table(String relative) {
    WeakReference<DeltaTable> used = tables.get(relative);
    DeltaTable table = used == null ? null : used.get();
    if (table == null) {
      table = new DeltaTable(store, path + "/" + relative);
      tables.put(relative, new WeakReference<>(table));
    }
    return table;
  }

  /** Whether the home is there and in a format that this Weir knows. */
  private boolean check() {
    String file = path + "/" + FILE;
    try {
      FileStatus status = store.files().getFileStatus(file);
      byte[] bytes = new byte[Math.toIntExact(status.getSize())];
      try (SeekableInputStream in =
          store.files().newInputFile(file, status.getSize()).newStream()) {
        in.readFully(bytes, 0, bytes.length);
      }
      JsonNode format = new ObjectMapper().readTree(bytes).path("format");
      if (!format.canConvertToInt() || format.asInt() < 1) {
        throw damaged(file, new String(bytes, StandardCharsets.UTF_8), null);
      }
      if (format.asInt() > FORMAT) {
        throw WeirException.user(
            "home-newer",
            "The home %s has format %d, and this Weir knows formats up to %d: a newer Weir made it."
                .formatted(path, format.asInt(), FORMAT),
            "Run the newer Weir, or set weir.home to another folder.");
      }
      return true;
    } catch (FileNotFoundException e) {
      return false;
    } catch (JacksonException e) {
      throw damaged(file, "no JSON", e);
    } catch (IOException e) {
      throw StoreErrors.failed("read " + file, e);
    }
  }

  private static WeirException damaged(String file, String found, @Nullable Throwable cause) {
    return new WeirException(
        "home-damaged",
        ErrorKind.DATA,
        "%s holds %s, not the home's format.".formatted(file, found.isBlank() ? "nothing" : found),
        "If this is a home, write {\"format\":%d} into it.".formatted(FORMAT),
        cause);
  }

  private void make() {
    String file = path + "/" + FILE;
    String text = "{\"format\":%d}".formatted(FORMAT);
    try {
      store.files().mkdirs(path);
      if (path.startsWith("file:")) {
        AtomicFiles.writeLines(LocalFileIo.path(file), false, List.of(text).iterator());
      } else {
        writeNew(new org.apache.hadoop.fs.Path(file), text);
      }
    } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
      // Another process made the home at the same time.
      return;
    } catch (UnsupportedOperationException e) {
      throw noLinks(e);
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("not permitted") || message.contains("not supported")) {
        throw noLinks(e);
      }
      throw StoreErrors.failed("make the home " + path, e);
    }
  }

  private WeirException noLinks(Exception cause) {
    return new WeirException(
        "store-unsafe",
        ErrorKind.USER,
        "The file system of %s has no hard links, by which two processes on it keep from overwriting each other's commits."
            .formatted(path),
        "Set weir.home to a folder on another disk.",
        cause);
  }

  private void writeNew(org.apache.hadoop.fs.Path file, String text) throws IOException {
    // Log stores take only the names of commits.
    try (var out = file.getFileSystem(store.hadoop()).create(file, false)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public String toString() {
    return path;
  }

  /** Waits, for some seconds at most, until checkpoints under way are written. */
  @Override
  public void close() {
    store.close();
  }
}
