/** SQL over plain JDBC: names quoted, values as literals, failures told apart. */
@NullMarked
package dev.neap.mysql.query;

import org.jspecify.annotations.NullMarked;
