package dev.neap.testkit.fill;

import java.util.Set;

/** Who must have written what stands in the target at the end. */
enum Owner {
    /** It stood there before, and the conflict rule keeps it. */
    OLD("old"),
    APPLICATION("app"),
    FILL("neap"),
    /** Under the rule `overwrite` either may come last: the values are the same. */
    EITHER("app", "neap");

    private final Set<String> marks;

    Owner(String... marks) {
        this.marks = Set.of(marks);
    }

    /** What `written_by` may hold. */
    Set<String> marks() {
        return marks;
    }
}
