/** What of a PostgreSQL server decides whether another one tells anything about it. */
@NullMarked
package dev.neap.postgres.parity;

import org.jspecify.annotations.NullMarked;
