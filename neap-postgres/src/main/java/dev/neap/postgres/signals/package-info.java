/** What a PostgreSQL server says of how it and its replicas fare. */
@NullMarked
package dev.neap.postgres.signals;

import org.jspecify.annotations.NullMarked;
