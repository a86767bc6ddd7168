/** What a recompute would change in one unit, before anything is written. */
@NullMarked
package dev.neap.preview;

import org.jspecify.annotations.NullMarked;
