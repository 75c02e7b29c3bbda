/** Work beside that of the caller. */
@NullMarked
package dev.weir.background;

import org.jspecify.annotations.NullMarked;
