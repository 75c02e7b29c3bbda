/** Datasets on Delta: pinned reads, keyed writes, content digests. */
@NullMarked
package dev.weir.data;

import org.jspecify.annotations.NullMarked;
