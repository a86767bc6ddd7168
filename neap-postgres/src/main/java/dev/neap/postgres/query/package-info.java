/** SQL over plain JDBC: names quoted, parameters bound, rows mapped. */
@NullMarked
package dev.neap.postgres.query;

import org.jspecify.annotations.NullMarked;
