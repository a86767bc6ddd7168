/** Compiles a backfill against a live server, in read-only transactions. */
@NullMarked
package dev.neap.postgres.planning;

import org.jspecify.annotations.NullMarked;
