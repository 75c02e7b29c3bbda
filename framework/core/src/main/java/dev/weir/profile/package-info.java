/** What is in a dataset in numbers and sketches, and how far it is from what was there before. */
@NullMarked
package dev.weir.profile;

import org.jspecify.annotations.NullMarked;
