/** Who is told of what goes wrong: alerts, their outbox in the lineage, and the ways they go by. */
@NullMarked
package dev.weir.alert;

import org.jspecify.annotations.NullMarked;
