/** Transforms in Java: what a user implements, and the rows that go in and come out. Knows no database. */
@NullMarked
package dev.neap.transform;

import org.jspecify.annotations.NullMarked;
