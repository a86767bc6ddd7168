/** What the user declares: the backfill file as values, and where the database is. */
@NullMarked
package dev.neap.backfill;

import org.jspecify.annotations.NullMarked;
