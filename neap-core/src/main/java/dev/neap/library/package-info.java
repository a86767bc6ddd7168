/** Neap as a library call from an application's own code. */
@NullMarked
package dev.neap.library;

import org.jspecify.annotations.NullMarked;
