/**
 * All that a model or a run was made from, told apart from another and followed to what came of it.
 */
@NullMarked
package dev.weir.provenance;

import org.jspecify.annotations.NullMarked;
