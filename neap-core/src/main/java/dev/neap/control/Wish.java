package dev.neap.control;

import java.util.Locale;

/** What a person wants of a run, from any terminal or by one UPDATE on `neap.run`. */
public enum Wish {
    RUN,
    PAUSE,
    STOP;

    /** As it is stored. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
