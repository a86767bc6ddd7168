/** The form in which values are compared. */
@NullMarked
package dev.neap.postgres.verify;

import org.jspecify.annotations.NullMarked;
