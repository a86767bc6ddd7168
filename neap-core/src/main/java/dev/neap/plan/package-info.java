/** A backfill compiled against a live database: frozen bounds, ordered units, the SQL that will run, a hash. */
@NullMarked
package dev.neap.plan;

import org.jspecify.annotations.NullMarked;
