/** What is looked at on a live server before the first write: one small class per check. */
@NullMarked
package dev.neap.postgres.preflight;

import org.jspecify.annotations.NullMarked;
