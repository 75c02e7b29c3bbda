/** Sources outside Weir and the stage that reads them. */
@NullMarked
package dev.weir.ingest;

import org.jspecify.annotations.NullMarked;
