package dev.neap.verify;

import dev.neap.control.Verifications.Reached;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How far a verification of one table has come, kept outside of the process, so that another one can go on behind it. */
interface Checkpoint {
    /** So many rows that differ, or may, are held; where there are more, the checkpoint stays where it is. */
    int MOST_AGAIN = 1_000;

    /** One that keeps nothing. */
    Checkpoint NONE = because("");

    /** One that keeps nothing, and says why. */
    static Checkpoint because(String why) {
        return new Checkpoint() {
            @Override
            public List<String> notes() {
                return why.isEmpty() ? List.of() : List.of("kept no checkpoint to go on from: " + why);
            }
        };
    }

    /** Where an earlier process has come to; empty where this one begins anew. */
    default Optional<Reached> before() {
        return Optional.empty();
    }

    default void save(Reached reached) {}

    /** Who compared what, and when; null where this process alone did. */
    default TableReport.@Nullable Sittings sittings() {
        return null;
    }

    /** Why nothing is kept, or it begins anew in spite of an earlier one, in words. */
    List<String> notes();
}
