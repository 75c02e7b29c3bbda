/** Delta tables through Delta Kernel: append, compare-and-set, read; no Spark. */
@NullMarked
package dev.weir.store;

import org.jspecify.annotations.NullMarked;
