/** What must stay readable, for whom and for how long. */
@NullMarked
package dev.weir.pin;

import org.jspecify.annotations.NullMarked;
