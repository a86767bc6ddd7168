/** The PostgreSQL dialect: what this engine can do, and the SQL it does it with. */
@NullMarked
package dev.neap.postgres;

import org.jspecify.annotations.NullMarked;
