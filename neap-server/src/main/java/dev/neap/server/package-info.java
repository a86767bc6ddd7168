/** What a run shows over HTTP. */
@NullMarked
package dev.neap.server;

import org.jspecify.annotations.NullMarked;
