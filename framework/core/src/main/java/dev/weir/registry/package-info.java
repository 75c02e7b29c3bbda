/** Registered model versions: their approval, their retirement and the aliases that name them. */
@NullMarked
package dev.weir.registry;

import org.jspecify.annotations.NullMarked;
