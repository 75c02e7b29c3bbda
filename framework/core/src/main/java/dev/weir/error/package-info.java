/** Errors that a person can act on: a stable code, what was found and what to do. */
@NullMarked
package dev.weir.error;

import org.jspecify.annotations.NullMarked;
