/** One partition rebuilt on PostgreSQL: capture, load, drain, verify, swap, settle. */
@NullMarked
package dev.neap.postgres.rebuild;

import org.jspecify.annotations.NullMarked;
