package dev.neap.cli;

import dev.neap.cli.text.Text;
import dev.neap.dialect.Leftover;
import java.util.ArrayList;
import java.util.List;

/** What of Neap's is in a database, in words. */
final class LeftoverText {
    /** More than these are left to `--json`. */
    private static final int MOST = 40;

    private LeftoverText() {}

    /** A line each, with its size and why it may go or stays. */
    static String table(List<Leftover> leftovers) {
        List<List<String>> rows = new ArrayList<>();
        for (Leftover leftover : leftovers.subList(0, Math.min(MOST, leftovers.size()))) {
            rows.add(List.of("  " + leftover.kind(), leftover.name(), Text.bytes(leftover.bytes()), leftover.why()));
        }
        String table = String.join("\n", Text.table(rows, false, false, true, false));
        List<Leftover> more = leftovers.subList(Math.min(MOST, leftovers.size()), leftovers.size());
        return more.isEmpty()
                ? table
                : table + "\n  ... and " + Text.count(more.size()) + " more, " + bytes(more)
                        + "; --dry-run --json has all of them";
    }

    static String bytes(List<Leftover> leftovers) {
        return Text.bytes(leftovers.stream().mapToLong(Leftover::bytes).sum());
    }
}
