/** What a rehearsal copies, does and finds. */
@NullMarked
package dev.neap.rehearse;

import org.jspecify.annotations.NullMarked;
