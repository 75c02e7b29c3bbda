/** Checks on data and the gate that they are. */
@NullMarked
package dev.weir.quality;

import org.jspecify.annotations.NullMarked;
