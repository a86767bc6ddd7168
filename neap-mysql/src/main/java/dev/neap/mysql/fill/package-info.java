/** A fill on MariaDB: how it is planned, every statement of it, and what makes it safe. */
@NullMarked
package dev.neap.mysql.fill;

import org.jspecify.annotations.NullMarked;
