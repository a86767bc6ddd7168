/** Compares the live rows of one partition with what a recompute makes of them, in read-only transactions. */
@NullMarked
package dev.neap.postgres.preview;

import org.jspecify.annotations.NullMarked;
