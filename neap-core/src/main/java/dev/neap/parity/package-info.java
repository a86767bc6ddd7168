/** How alike two databases are, and whether a rehearsal on the one says anything about the other. */
@NullMarked
package dev.neap.parity;

import org.jspecify.annotations.NullMarked;
