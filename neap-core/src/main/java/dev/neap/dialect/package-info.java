/** What an engine must be able to do. */
@NullMarked
package dev.neap.dialect;

import org.jspecify.annotations.NullMarked;
