/** What a user writes: stages, their ports, pipelines and their graph. */
@NullMarked
package dev.weir.pipeline;

import org.jspecify.annotations.NullMarked;
