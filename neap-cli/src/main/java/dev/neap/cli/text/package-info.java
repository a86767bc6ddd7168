/** Numbers, bytes, durations, tables and JSON as every command prints them. */
@NullMarked
package dev.neap.cli.text;

import org.jspecify.annotations.NullMarked;
