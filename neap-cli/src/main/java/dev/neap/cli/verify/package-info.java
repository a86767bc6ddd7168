/** How a verification is shown. */
@NullMarked
package dev.neap.cli.verify;

import org.jspecify.annotations.NullMarked;
