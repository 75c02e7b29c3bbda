package dev.weir.audit;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.error.WeirException;
import dev.weir.store.CommitEntry;
import dev.weir.store.DeltaTable;
import dev.weir.store.RowSink;
import dev.weir.store.Sha256;
import dev.weir.store.TableSnapshot;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether the files of a fitted model are those that were recorded: the sha-256 of each file's
 * pieces, and the digest over these as the events say it. They are read as a model is loaded, from
 * the commit that holds them.
 */
final class ModelFilesCheck {
  private static final String RESTORE =
      "Restore models/artifacts from a backup, or train the model again.";

  private static final List<String> COLUMNS =
      List.of("model", "run", "path", "sha256", "bytes", "part", "content");

  /** The digest of a file's pieces, which may come in any order. */
  private static final class File {
    private final String sha256;
    private final long bytes;
    private final MessageDigest digest = Sha256.start();
    private final Map<Integer, byte[]> early = new HashMap<>();
    private long length;
    private int next;

    File(String sha256, long bytes) {
      this.sha256 = sha256;
      this.bytes = bytes;
    }

    void add(int part, byte[] content) {
      early.put(part, content);
      for (byte[] piece = early.remove(next); piece != null; piece = early.remove(next)) {
        digest.update(piece);
        length += piece.length;
        next++;
      }
    }
  }

  private final DeltaTable table;
  private final TableSnapshot latest;

  /**
   * @param table the artifacts table
   */
  ModelFilesCheck(DeltaTable table) {
    this.table = table;
    this.latest = table.latest();
  }

  /** What a model came to. */
  record Checked(int files, List<Finding> findings) {}

  Checked check(FittedModel model) {
    List<Finding> findings = new ArrayList<>();
    Map<String, File> files;
    try {
      files = read(model);
    } catch (WeirException e) {
      findings.add(
          new Finding(
              "model-unreadable",
              "The files of %s can't be read: %s".formatted(model.text(), e.getMessage()),
              RESTORE));
      return new Checked(0, findings);
    }
    StringBuilder lines = new StringBuilder();
    long bytes = 0;
    for (Map.Entry<String, File> entry : files.entrySet()) {
      File file = entry.getValue();
      String found = Sha256.hex(file.digest);
      bytes += file.length;
      lines.append(found).append("  ").append(entry.getKey()).append('\n');
      if (!found.equals(file.sha256) || file.length != file.bytes || !file.early.isEmpty()) {
        findings.add(
            new Finding(
                "model-file-altered",
                "The file %s of %s was altered: it has %d bytes with sha-256 %s, and %d with %s were written."
                    .formatted(
                        entry.getKey(), model.text(), file.length, found, file.bytes, file.sha256),
                RESTORE));
      }
    }
    if (findings.isEmpty()
        && (files.size() != model.written().files()
            || bytes != model.written().bytes()
            || !Sha256.of(lines.toString().getBytes(StandardCharsets.UTF_8))
                .equals(model.written().digest()))) {
      findings.add(
          new Finding(
              "model-altered",
              "The files of %s are not those that were recorded: there are %d files of %d bytes, and %d of %d with digest %s were."
                  .formatted(
                      model.text(),
                      files.size(),
                      bytes,
                      model.written().files(),
                      model.written().bytes(),
                      model.written().digest()),
              RESTORE));
    }
    return new Checked(files.size(), findings);
  }

  private Map<String, File> read(FittedModel model) {
    ModelCandidate candidate = (ModelCandidate) ArtifactVersion.parse(model.written().reference());
    long version = model.written().artifactsVersion();
    Optional<CommitEntry> commit = table.log().entry(version);
    if (commit.isEmpty()) {
      throw WeirException.data(
          "log-expired", "Commit %d is no longer in %s.".formatted(version, table), "");
    }
    Map<String, File> files = new TreeMap<>();
    String name = candidate.name().toString();
    RowSink sink =
        (@Nullable Object[] row) -> {
          if (name.equals(row[0]) && candidate.run().equals(row[1])) {
            files
                .computeIfAbsent(
                    (String) Objects.requireNonNull(row[2]),
                    path ->
                        new File(
                            (String) Objects.requireNonNull(row[3]),
                            (Long) Objects.requireNonNull(row[4])))
                .add(
                    (Integer) Objects.requireNonNull(row[5]),
                    (byte[]) Objects.requireNonNull(row[6]));
          }
        };
    table.read(commit.get(), latest, COLUMNS, sink);
    return files;
  }
}
