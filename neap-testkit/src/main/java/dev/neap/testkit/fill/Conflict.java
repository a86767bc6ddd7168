package dev.neap.testkit.fill;

/** What a fill does with a row, or a value, that is there already. */
enum Conflict {
    KEEP("keep"),
    OVERWRITE("overwrite"),
    /** Only in a table of its own: source and target have the column. */
    NEWER("newer(updated_at)");

    private final String written;

    Conflict(String written) {
        this.written = written;
    }

    /** As the backfill file has it. */
    String written() {
        return written;
    }
}
