/** The control tables: the only code that writes them. */
@NullMarked
package dev.neap.control;

import org.jspecify.annotations.NullMarked;
