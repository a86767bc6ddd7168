package dev.neap.preflight;

import java.util.Set;

/** Warnings that something of the servers, or of the application, is not seen. Where a load is simulated they want an answer, too. */
public final class Watching {
    /** Names the check of who sees how far replicas are behind. */
    public static final String LAG = "replica-lag";

    /** Names the check of who sees the server's CPU and I/O. */
    public static final String LOAD = "load";

    /** Names the check of who has seen that an application writes both places. */
    public static final String DUAL_WRITE = "dual-write";

    /** All of them. */
    public static final Set<String> CHECKS = Set.of(LAG, LOAD, DUAL_WRITE);

    private Watching() {}

    /** No replica's lag is seen. */
    public static Finding lag(String what, String fix) {
        return Finding.warning(
                LAG, what, "a run that outruns a replica is not slowed down, and its readers see old rows", fix);
    }

    /** The server's CPU and I/O are not. */
    public static Finding load(String fix) {
        return Finding.warning(
                LOAD,
                "no signal tells the run of the server's CPU and I/O",
                "the server itself does not tell them, so the run cannot slow down for them",
                fix);
    }
}
