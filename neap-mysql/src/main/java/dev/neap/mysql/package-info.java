/** The MariaDB dialect. MySQL comes later, and is refused by its version until then. */
@NullMarked
package dev.neap.mysql;

import org.jspecify.annotations.NullMarked;
