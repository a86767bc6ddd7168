/** A backfill tried on a copy: traffic, kills, and a receipt. */
@NullMarked
package dev.neap.cli.rehearse;

import org.jspecify.annotations.NullMarked;
