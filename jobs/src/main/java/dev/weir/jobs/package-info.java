/** The spark-submit entry point and the example pipelines in Java. */
@NullMarked
package dev.weir.jobs;

import org.jspecify.annotations.NullMarked;
