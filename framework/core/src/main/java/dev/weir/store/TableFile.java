package dev.weir.store;

/**
 * A file that a version of a table needs: one of data, of a deletion vector, or of changes.
 *
 * @param path where it is, as Kernel takes it: absolute and not percent-encoded
 * @param bytes its size as the log says; 0 for a deletion vector, which may share its file with
 *     others
 */
public record TableFile(String path, long bytes) {}
