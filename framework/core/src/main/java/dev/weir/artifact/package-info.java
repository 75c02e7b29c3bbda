/** The names and versions of what pipelines make: datasets, candidates and models. */
@NullMarked
package dev.weir.artifact;

import org.jspecify.annotations.NullMarked;
