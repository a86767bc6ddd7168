package dev.neap.dialect;

import java.util.EnumSet;
import java.util.Set;

/** Why a partition cannot be put back. There are no other reasons. */
public enum UndoRefusal {
    NOT_SWAPPED("not swapped", "this run did not replace it"),
    UNDONE("undone already", "it was put back before"),
    MERGED(
            "merged",
            "its rows were changed where they are, so there is no old one; a backfill of its own can change them back"),
    NOT_RECORDED(
            "not recorded",
            "what was written since its swap was not recorded: the file says `keep_old: 0s`, it has no key, or a version"
                    + " of Neap that could not undo replaced it"),
    TIME_OVER("time over", "the time for which the old one is kept (`keep_old`) is over"),
    KEPT_GONE("old one gone", "the old one is not there any more: it was cleaned up, or somebody dropped it"),
    LIVE_GONE("live one gone", "the live partition is not there any more, or has another bound"),
    REPLACED(
            "replaced since",
            "the live partition is not the one that this run made; if a later run replaced it, undo that one first"),
    STOPPED_RECORDING(
            "recording stopped", "the triggers that record what is written since its swap were dropped or disabled"),
    OVERFLOWED("too many writes", "more was written since its swap than is recorded"),
    LAPSED(
            "recording lapsed",
            "something was written after the time until which it is recorded, without a sign of life from Neap"),
    TRUNCATED("truncated", "it was truncated since its swap"),
    CHANGED(
            "definition changed",
            "it was altered since its swap; make the same change to the old one, or take it back, and try again"),
    NO_SWAP("no swap", "it cannot be swapped by now"),
    REFERENCES(
            "references rows that are gone",
            "rows that would come back reference rows that were deleted since; put those back, and try again");

    private static final Set<UndoRefusal> MENDABLE = EnumSet.of(LIVE_GONE, REPLACED, CHANGED, NO_SWAP, REFERENCES);

    private final String label;
    private final String why;

    UndoRefusal(String label, String why) {
        this.label = label;
        this.why = why;
    }

    /** Its name, for people and programs. */
    public String label() {
        return label;
    }

    /** Whether somebody can do something about it, so that it is worth another try. */
    public boolean mendable() {
        return MENDABLE.contains(this);
    }

    /** What it means and, where something helps, what to do. */
    public String why() {
        return why;
    }

    /** The whole message, with what was seen; nothing where nothing was. */
    public String words(String seen) {
        return label + ": " + why + (seen.isEmpty() ? "" : " (" + seen + ")");
    }
}
