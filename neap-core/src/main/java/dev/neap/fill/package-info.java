/** The fill strategy: the order of a segment's batches, and what ends a fill. */
@NullMarked
package dev.neap.fill;

import org.jspecify.annotations.NullMarked;
