/** The command line, one class a command. */
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
