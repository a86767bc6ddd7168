/** Rehearsals: definitions and rows copied to another server, and an account of what the copied table must hold. */
@NullMarked
package dev.neap.postgres.rehearse;

import org.jspecify.annotations.NullMarked;
