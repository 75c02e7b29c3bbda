/** What the compiled code of a stage is, and whether it is the same as before. */
@NullMarked
package dev.weir.code;

import org.jspecify.annotations.NullMarked;
