/** PostgreSQL servers of Neap's own, for what is to be shown or tried away from any real one. */
@NullMarked
package dev.neap.cli.server;

import org.jspecify.annotations.NullMarked;
