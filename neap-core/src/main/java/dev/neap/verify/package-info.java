/** Whether what a backfill wrote is right. */
@NullMarked
package dev.neap.verify;

import org.jspecify.annotations.NullMarked;
