package dev.neap.cli.rehearse;

import java.util.Locale;

/** What a rehearsal comes to. */
public enum Verdict {
    /** All is as it should be, and the run was killed at every named moment that it came to. */
    GOOD,
    /** All is as it should be, but for some of these kills there was no time, or no write of the writers was done. */
    INCOMPLETE,
    /** A row or a read was not as it should be. */
    MISMATCH,
    /** The run did not end well on the copy. */
    FAILED;

    /** As programs read it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
