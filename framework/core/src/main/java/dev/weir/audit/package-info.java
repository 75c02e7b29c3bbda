/** The audit chain: what was done to models and data, and a seal on every event, hash by hash. */
@NullMarked
package dev.weir.audit;

import org.jspecify.annotations.NullMarked;
