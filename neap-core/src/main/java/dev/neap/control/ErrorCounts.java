package dev.neap.control;

import java.util.ArrayList;
import java.util.List;

/**
 * What the error budget of a run is for, over all its processes.
 *
 * @param rowsAside rows of a fill that are set aside
 * @param deadlocks of which a transaction of Neap's was the victim, though it was tried again
 * @param mismatched partitions that are set aside because they differ from what they should be
 * @param rowsWrong rows in which these differ
 * @param rows how many rows the run has looked at
 */
public record ErrorCounts(long rowsAside, long deadlocks, long mismatched, long rowsWrong, long rows) {
    /** How many there are: a partition is one, however many of its rows are wrong. */
    public long events() {
        return rowsAside + deadlocks + mismatched;
    }

    /** How much of the budget they take: each row counts. */
    public long errors() {
        return rowsAside + deadlocks + rowsWrong;
    }

    /** All of them, for people: `2 rows set aside, 1 deadlock`. */
    public String words() {
        List<String> words = new ArrayList<>();
        add(words, rowsAside, "row", " set aside");
        add(words, deadlocks, "deadlock", "");
        add(words, rowsWrong, "wrong row", " of " + mismatched + (mismatched == 1 ? " partition" : " partitions"));
        return String.join(", ", words);
    }

    /** What shows the rows of a run that were set aside, in SQL that every engine reads: `key` is a word of MariaDB's. */
    public static String asideSql(long run) {
        return "SELECT q.key, q.cause FROM neap.quarantine q WHERE q.run_id = " + run;
    }

    private static void add(List<String> words, long count, String one, String more) {
        if (count > 0) {
            words.add(count + " " + one + (count == 1 ? "" : "s") + more);
        }
    }
}
