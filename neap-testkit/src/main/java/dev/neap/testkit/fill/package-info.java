/** Random histories of an application that writes its rows in two places while something fills the second one. */
@NullMarked
package dev.neap.testkit.fill;

import org.jspecify.annotations.NullMarked;
