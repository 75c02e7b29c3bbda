/** How Spark is started for one machine or a cluster, and the SQL schema of a home. */
@NullMarked
package dev.weir.session;

import org.jspecify.annotations.NullMarked;
