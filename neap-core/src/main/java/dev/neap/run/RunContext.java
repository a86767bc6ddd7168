package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.Database;
import dev.neap.dialect.Tuning;

/**
 * One run in one process, on one attachment: what every thread of it works with. All of it is safe for many threads.
 *
 * @param run the run's id
 * @param worker this attachment's id in the control tables
 * @param onlyFailed whether only units that had failed are run
 */
record RunContext(
        Database database,
        Backfill backfill,
        long run,
        long worker,
        boolean onlyFailed,
        Tuning tuning,
        Probe probe,
        RunListener listener,
        Runner.Tally tally,
        Waits waits,
        Wishes wishes,
        Together together,
        Throttling throttling,
        Filling filling,
        HeldUnits.Rounds heldRounds,
        Failures failures,
        ErrorBudget errors,
        LockTimeouts lockTimeouts) {}
