/** From the catalog of a live partition: the statements that make a shadow exactly like it, by phase. */
@NullMarked
package dev.neap.postgres.shadow;

import org.jspecify.annotations.NullMarked;
