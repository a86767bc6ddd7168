/** What is looked at before the first write, and what was found. */
@NullMarked
package dev.neap.preflight;

import org.jspecify.annotations.NullMarked;
