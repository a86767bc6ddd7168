package dev.neap.cli;

import dev.neap.control.RunStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What the control tables might say of a run. */
final class Statuses {
    private Statuses() {}

    /** A run that waits for a person. */
    static RunStatus holding() {
        RunStatus r = running("run", true);
        RunStatus.Held held = new RunStatus.Held(12, "public.events_2024_01", 12, FakeEngine.NOW);
        return atRest(r, r.runId(), r.state(), new RunStatus.Counts(0, 0, 1, 0, 0, 1, 0), List.of(held), 0);
    }

    /** A fill, some rows of which could not be written. */
    static RunStatus filling() {
        return filling("running");
    }

    /** A fill in this state. */
    static RunStatus filling(String state) {
        RunStatus r = running("run", true);
        return atRest(r, r.runId(), state, r.units(), List.of(), 0, true, 2, Map.of("lock", 1_209L, "deadlock", 2L));
    }

    /** An undo that was stopped; one of its units was in its turn put back. */
    static RunStatus undoing() {
        RunStatus r = running("run", false);
        return atRest(r, 8, "stopped", new RunStatus.Counts(1, 0, 1, 0, 0, 0, 1), List.of(), 7);
    }

    private static RunStatus atRest(
            RunStatus r, long run, String state, RunStatus.Counts units, List<RunStatus.Held> held, long undoes) {
        return atRest(r, run, state, units, held, undoes, false, 0, Map.of());
    }

    /** The same run with nothing at work, nothing failed and nothing that happened. */
    private static RunStatus atRest(
            RunStatus r,
            long run,
            String state,
            RunStatus.Counts units,
            List<RunStatus.Held> held,
            long undoes,
            boolean fills,
            long setAside,
            Map<String, Long> retries) {
        return new RunStatus(
                run,
                r.backfill(),
                r.table(),
                state,
                r.wish(),
                r.alive(),
                r.ratePerSecond(),
                r.pause(),
                r.batchPause(),
                r.planHash(),
                r.createdAt(),
                r.finishedAt(),
                units,
                r.rowsEstimated(),
                r.rowsDone(),
                null,
                List.of(),
                List.of(),
                List.of(),
                held,
                undoes,
                fills,
                setAside,
                retries,
                null);
    }

    /** A run that goes on. */
    static RunStatus running(String wish, boolean alive) {
        return new RunStatus(
                7,
                "fix",
                "public.events",
                "running",
                wish,
                alive,
                500L,
                Duration.ofSeconds(30),
                Duration.ofMillis(20),
                "3f2a91c0",
                FakeEngine.NOW,
                null,
                new RunStatus.Counts(1, 1, 1, 1, 0),
                901_200,
                1_700,
                Duration.ofMinutes(30),
                List.of(new RunStatus.Current(
                        12,
                        "public.events_2024_01",
                        "load",
                        2,
                        500,
                        900_000,
                        "a lock on public.events, held by pid 4242 (app)",
                        "host-1/77",
                        FakeEngine.NOW.plusSeconds(20))),
                List.of(new RunStatus.Failure(13, "public.events_2023_12", "verify", "3 rows differ")),
                List.of(new RunStatus.Line(FakeEngine.NOW, "public.events_2024_02", "unit done", "1,210 rows")));
    }
}
