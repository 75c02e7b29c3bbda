/** Benches: Weir beside the plainest honest alternative. */
@NullMarked
package dev.weir.cli.bench;

import org.jspecify.annotations.NullMarked;
