/** What a person sees of a run while it goes on: bars, lines or JSON. */
@NullMarked
package dev.neap.cli.progress;

import org.jspecify.annotations.NullMarked;
