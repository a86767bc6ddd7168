package dev.neap.run;

import dev.neap.control.Claim;
import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** The units of a run that are prepared and wait for their swap: caught up now and then, and let go in time. */
final class HeldUnits {
    /** So many shadows at most wait at once; further units are prepared as these are swapped. */
    static final int MOST = 1_000;

    /** Rounds rest so many times as long as they take. */
    private static final long REST = 9;

    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(5);

    private final ControlStore control;
    private final Cutovers cutovers;
    private final UnitRunner units;
    private final long run;
    private final long worker;
    private final Rounds rounds;

    /** When they are tended the next time, and by one thread only. */
    static final class Rounds {
        private final ReentrantLock turn = new ReentrantLock();
        private long next = System.nanoTime();
    }

    HeldUnits(ControlStore control, Cutovers cutovers, UnitRunner units, long run, long worker, Rounds rounds) {
        this.control = control;
        this.cutovers = cutovers;
        this.units = units;
        this.run = run;
        this.worker = worker;
        this.rounds = rounds;
    }

    /** Lets go what may be swapped; catches up with the others when their time has come. */
    void tend(Runnable safePoint) {
        if (!cutovers.hold() || !rounds.turn.tryLock()) {
            return;
        }
        try {
            inTurn(safePoint);
        } finally {
            rounds.turn.unlock();
        }
    }

    private void inTurn(Runnable safePoint) {
        if (control.units().held(run) == 0) {
            return;
        }
        control.units().release(run, cutovers.inHours());
        long began = System.nanoTime();
        if (began - rounds.next < 0) {
            return;
        }
        Optional<UnitRow> unit = control.units().claimHeld(run, worker, 0);
        while (unit.isPresent()) {
            safePoint.run();
            units.catchUp(unit.get());
            unit = control.units().claimHeld(run, worker, unit.get().position());
        }
        // Catching up with many units must not become all that the database does.
        long ended = System.nanoTime();
        rounds.next = ended + Math.max(BETWEEN_ROUNDS.toNanos(), REST * (ended - began));
    }

    /** The next unit to run: one that may be swapped first, then one to prepare, if there is room. */
    Optional<UnitRow> claim(Claim claim) {
        if (!cutovers.hold()) {
            return control.units().claim(run, worker, claim);
        }
        Optional<UnitRow> released = control.units().claim(run, worker, claim.released());
        return released.isPresent() || control.units().held(run) >= MOST
                ? released
                : control.units().claim(run, worker, claim);
    }

    /** What the run waits for, in words; empty when no unit is held. */
    String waiting() {
        int held = cutovers.hold() ? control.units().held(run) : 0;
        return held == 0
                ? ""
                : held + (held == 1 ? " unit is" : " units are") + " ready to swap; waits for " + cutovers.what();
    }
}
