/** Plans: which stages of a pipeline have to run, which results can be used again, and why. */
@NullMarked
package dev.weir.plan;

import org.jspecify.annotations.NullMarked;
