package dev.neap.verify;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
import dev.neap.dialect.Difference.Kind;
import java.util.ArrayList;
import java.util.List;

/** Why rows that differ were left as they are, in words. */
final class Left {
    private Left() {}

    static List<String> notes(Fill fill, Tally tally, TableReport.Fix fix) {
        List<String> notes = new ArrayList<>();
        if (left(Kind.EXTRA, tally, fix) > 0) {
            notes.add(
                    "extra rows are never deleted: after its run nothing tells a row of the fill's own from one of the"
                            + " application's");
        }
        if (left(Kind.WRONG, tally, fix) > 0 && fill.conflict().rule() != Conflict.Rule.OVERWRITE) {
            notes.add("what is there stays by the file's rule, conflict: " + word(fill.conflict())
                    + ": it may be the application's own; if it is not, write conflict: overwrite");
        }
        if (fix.unfollowed() > 0) {
            notes.add(fix.unfollowed() + " of the rows that were put in may have been deleted or changed meanwhile by a"
                    + " transaction that was open before and outlasted the wait; verify again when it has ended");
        }
        return notes;
    }

    private static String word(Conflict conflict) {
        return conflict.newer() == null ? "keep" : "newer(" + conflict.newer() + ")";
    }

    private static long left(Kind kind, Tally tally, TableReport.Fix fix) {
        return tally.differences().getOrDefault(kind, 0L) - fix.mended().getOrDefault(kind, 0L);
    }
}
