/** Fills on PostgreSQL: the walk of a key in small transactions, and what keeps it right beside dual writers. */
@NullMarked
package dev.neap.postgres.fill;

import org.jspecify.annotations.NullMarked;
