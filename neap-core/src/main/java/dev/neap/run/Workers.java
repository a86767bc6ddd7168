package dev.neap.run;

import dev.neap.control.ControlStore;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Several units at work at once: a thread for each, with sessions of its own. */
final class Workers {
    private final RunContext context;

    Workers(RunContext context) {
        this.context = context;
    }

    /**
     * Returns when no unit is left that may be at work beside others. When one thread cannot go on, the others end at their
     * next safe point, and what it threw is thrown.
     *
     * @param count 2 or more
     */
    void run(int count) {
        AtomicInteger number = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "neap worker " + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        List<Future<?>> loops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            loops.add(threads.submit(this::loop));
        }
        threads.shutdown();
        List<RuntimeException> ends = new ArrayList<>();
        loops.forEach(loop -> end(loop, ends));
        ends.stream().reduce(Workers::worse).ifPresent(end -> {
            throw end;
        });
    }

    private void loop() {
        try (ControlStore control = context.database().control("neap run control")) {
            new UnitLoop(context, control).run(true);
        } catch (RuntimeException e) {
            context.waits().halt();
            throw e;
        }
    }

    private static void end(Future<?> loop, List<RuntimeException> ends) {
        boolean interrupted = false;
        while (true) {
            try {
                loop.get();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                ends.add(e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e));
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A request to stop is the least of reasons, and to have been halted by another thread is none; a breaker is the greatest. */
    private static RuntimeException worse(RuntimeException one, RuntimeException other) {
        return rank(other) > rank(one) ? other : one;
    }

    private static int rank(RuntimeException end) {
        if (end instanceof Waits.Halted) {
            return 0;
        }
        if (end instanceof NeapException ours && ours.kind() == Kind.BREAKER) {
            return 3;
        }
        return end instanceof Waits.Stopped ? 1 : 2;
    }
}
