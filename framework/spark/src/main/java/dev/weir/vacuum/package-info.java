/** Deletes the files of datasets that nothing needs any more. */
@NullMarked
package dev.weir.vacuum;

import org.jspecify.annotations.NullMarked;
