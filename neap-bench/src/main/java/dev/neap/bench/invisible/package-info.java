/** What an application feels of a fill. */
@NullMarked
package dev.neap.bench.invisible;

import org.jspecify.annotations.NullMarked;
