/** Facts, the event table that they are appended to, and the tables made from it. */
@NullMarked
package dev.weir.lineage;

import org.jspecify.annotations.NullMarked;
