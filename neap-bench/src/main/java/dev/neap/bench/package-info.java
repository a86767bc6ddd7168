/** The measurements in the README. */
@NullMarked
package dev.neap.bench;

import org.jspecify.annotations.NullMarked;
