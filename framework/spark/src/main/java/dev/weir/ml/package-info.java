/** Training, prediction, evaluation and registration on MLlib. */
@NullMarked
package dev.weir.ml;

import org.jspecify.annotations.NullMarked;
