/** Contract tests that each dialect must pass, and real database servers to pass them on. */
@NullMarked
package dev.neap.testkit;

import org.jspecify.annotations.NullMarked;
