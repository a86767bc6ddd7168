package dev.neap.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Profile;
import java.util.List;

/**
 * Whether whoever reads what is filled copes with what is not filled yet: NULL in a column, or a row that another table
 * does not have. A person's answer says so, or what a database saw its readers ask.
 */
public final class NullsHandled {
    /** The check's name, by which it is answered. */
    public static final String CHECK = "nulls-handled";

    private static final String WHY =
            "until the fill has come to a row, and where it sets one aside, its readers meet just" + " that";

    private NullsHandled() {}

    /**
     * Whether a fill is asked for it: not in dev, and not where no column can be null.
     *
     * @param nullable the columns that are filled and may be null
     */
    public static boolean asked(Backfill backfill, List<String> nullable) {
        return backfill.profile() != Profile.DEV && !(backfill.fill().inPlace() && nullable.isEmpty());
    }

    /**
     * There is no evidence.
     *
     * @param nullable the columns that are filled and may be null
     * @param instead what was seen instead, in words
     */
    public static Finding unseen(Fill fill, List<String> nullable, String instead) {
        return Finding.warning(
                CHECK,
                "nobody has seen that readers cope with " + met(fill, nullable) + ": " + instead,
                WHY,
                "let somebody look who knows what reads it, and say in an answer who looked, and at what");
    }

    /**
     * Readers were seen that cope, and none that does not.
     *
     * @param nullable the columns that are filled and may be null
     * @param readers which, in words
     */
    public static Finding seen(Fill fill, List<String> nullable, String readers) {
        return Finding.note(
                CHECK,
                "readers were seen to cope with " + met(fill, nullable) + ": " + readers,
                WHY + "; this was told from the text of statements, which shows neither who reads through a view or a"
                        + " function, nor what an application does with a value");
    }

    private static String met(Fill fill, List<String> nullable) {
        return fill.inPlace()
                ? "NULL in " + fill.into() + " (" + String.join(", ", nullable) + ")"
                : "a row that " + fill.into() + " does not have yet";
    }
}
