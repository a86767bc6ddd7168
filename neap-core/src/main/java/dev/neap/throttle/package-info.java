/** How fast: the ceiling in rows per second and the deliberate pauses. */
@NullMarked
package dev.neap.throttle;

import org.jspecify.annotations.NullMarked;
