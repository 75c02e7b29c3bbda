package dev.weir.ingest;

/**
 * Where {@link Ingest} reads from: files, an external Delta table, or a sample that Weir makes. In
 * YAML the first key says which: {@code format} or {@code sample}.
 */
public sealed interface Source permits Files, Sample {}
