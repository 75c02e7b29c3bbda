/** YAML bound strictly to records, with every fault placed by file, line and column. */
@NullMarked
package dev.weir.config;

import org.jspecify.annotations.NullMarked;
