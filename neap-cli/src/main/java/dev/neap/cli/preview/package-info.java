/** What a recompute would change, as text for a terminal and as a page for a browser. */
@NullMarked
package dev.neap.cli.preview;

import org.jspecify.annotations.NullMarked;
