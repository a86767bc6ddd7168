/** The rebuild strategy: one partition at a time through the steps of the protocol. */
@NullMarked
package dev.neap.rebuild;

import org.jspecify.annotations.NullMarked;
