/** Makes models again from what they were made from, and says what came out otherwise and why. */
@NullMarked
package dev.weir.reproduce;

import org.jspecify.annotations.NullMarked;
