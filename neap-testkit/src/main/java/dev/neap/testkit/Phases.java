package dev.neap.testkit;

import dev.neap.plan.Step;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Follows a run, so that a writer knows in which phase each partition of the ledger is. */
final class Phases implements RunListener {
    private final AtomicReferenceArray<Phase> phases;
    private final AtomicIntegerArray writes;
    private final Map<Long, Integer> units = new ConcurrentHashMap<>();
    private volatile int hot = -1;

    Phases(int partitions) {
        Phase[] pending = new Phase[partitions];
        Arrays.fill(pending, Phase.PENDING);
        phases = new AtomicReferenceArray<>(pending);
        writes = new AtomicIntegerArray(partitions);
    }

    /** The partition that is being rebuilt; -1 for none. */
    int hot() {
        return hot;
    }

    Phase of(int partition) {
        return phases.get(partition);
    }

    void wrote(int partition) {
        writes.incrementAndGet(partition);
    }

    /** Committed writes to a partition so far. */
    int writes(int partition) {
        return writes.get(partition);
    }

    int swapped() {
        int count = 0;
        for (int i = 0; i < phases.length(); i++) {
            if (phases.get(i) == Phase.SWAPPED) {
                count++;
            }
        }
        return count;
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.UnitStarted started) {
            unit(started.unitId(), started.partition().name());
        } else if (event instanceof RunEvent.StepStarted started) {
            step(started.unitId(), started.step());
        } else if (event instanceof RunEvent.UnitDone done) {
            done(done.partition().name());
        }
    }

    void unit(long unitId, String leaf) {
        int partition = Ledger.numberOf(leaf);
        if (partition >= 0) {
            units.put(unitId, partition);
            // From its claim on, whatever the run tells first.
            phases.compareAndSet(partition, Phase.PENDING, Phase.FINGERPRINT);
            hot = partition;
        }
    }

    void step(long unitId, Step step) {
        Integer partition = units.get(unitId);
        if (partition != null && phases.get(partition) != Phase.SWAPPED) {
            phases.set(partition, Phase.of(step));
        }
    }

    void done(String leaf) {
        int partition = Ledger.numberOf(leaf);
        if (partition >= 0) {
            phases.set(partition, Phase.SWAPPED);
        }
    }
}
