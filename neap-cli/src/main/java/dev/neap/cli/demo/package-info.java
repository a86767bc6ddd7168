/** A rebuild to watch, on a database that comes and goes with it, beside an application that never pauses. */
@NullMarked
package dev.neap.cli.demo;

import org.jspecify.annotations.NullMarked;
