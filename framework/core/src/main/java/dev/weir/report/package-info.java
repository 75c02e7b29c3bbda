/** What is known of a dataset's quality over time, put together for whoever looks at it. */
@NullMarked
package dev.weir.report;

import org.jspecify.annotations.NullMarked;
