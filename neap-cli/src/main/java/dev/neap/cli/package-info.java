/** The command line: wires everything together, and is the only code that ends the process. */
@NullMarked
package dev.neap.cli;

import org.jspecify.annotations.NullMarked;
