/** The loop over units: claims, retries, wishes from other terminals, and the entry point for callers. */
@NullMarked
package dev.neap.run;

import org.jspecify.annotations.NullMarked;
