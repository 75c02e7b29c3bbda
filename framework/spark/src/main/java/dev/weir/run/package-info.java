/** Runs of pipelines: schedule, execute, publish; the only package that writes stage state. */
@NullMarked
package dev.weir.run;

import org.jspecify.annotations.NullMarked;
