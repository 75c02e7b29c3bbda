/** Stages that shape datasets: SQL and splits. */
@NullMarked
package dev.weir.feature;

import org.jspecify.annotations.NullMarked;
