package dev.neap.postgres.shadow;

import java.util.List;

/**
 * One index of the shadow.
 *
 * @param name the index's name, without quotes; a constraint that it backs has the same one
 * @param unique whether it is unique, and so built only when nothing is left to drain
 * @param exclusion whether it backs an exclusion constraint, and is built by ADD CONSTRAINT
 * @param statements in order, in one transaction (the first is a SET LOCAL): build it, then what hangs on it
 */
public record IndexBuild(String name, boolean unique, boolean exclusion, List<String> statements) {
    public IndexBuild {
        statements = List.copyOf(statements);
    }
}
