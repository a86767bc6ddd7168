package dev.neap.fill;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.transform.BatchTransform;
import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.Transform;
import dev.neap.transform.TransformSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a user's transform on a thread of its own, for a bounded time, and checks what it returns. Not for use by several
 * threads at once, but for {@link #cancel()}.
 */
public final class Transformer implements AutoCloseable {
    /** A transform that hangs and heeds no interrupt costs a thread each time. */
    private static final int MOST_LEFT_BEHIND = 4;

    private static final int LONGEST_CAUSE = 2_000;

    private final TransformSource source;
    private final Schema schema;
    private final int mostRows;
    private final Duration limit;
    private @Nullable ExecutorService thread;
    private @Nullable Transform transform;
    private int leftBehind;
    private volatile @Nullable Future<?> running;

    /**
     * @param mostRows how many rows one row may become, at least 1
     * @param limit how long one call of {@link #transform} may take
     */
    public Transformer(TransformSource source, int mostRows, Duration limit) {
        this.source = source;
        this.schema = source.schema();
        this.mostRows = mostRows;
        this.limit = limit;
    }

    /**
     * What rows became.
     *
     * @param made for each row that was given its new rows, each the values of the columns that the schema writes
     * @param bad why a row could not be transformed; nothing is made then. Empty when all is well
     */
    public record Outcome(List<List<@Nullable Object[]>> made, String bad) {}

    /**
     * Transforms rows; to be called while no transaction is open.
     *
     * @throws NeapException RETRY when it was cancelled; STOP when it hangs again and again, or cannot be made at all
     */
    public Outcome transform(List<Row> rows) {
        if (rows.isEmpty()) {
            return new Outcome(List.of(), "");
        }
        Future<List<List<@Nullable Object[]>>> call = thread().submit(() -> made(rows));
        running = call;
        try {
            return new Outcome(call.get(limit.toNanos(), TimeUnit.NANOSECONDS), "");
        } catch (TimeoutException e) {
            letGo();
            return bad("it did not return within " + limit.toMillis() + " ms");
        } catch (CancellationException e) {
            letGo();
            throw new NeapException(Kind.RETRY, "the transform " + source.name() + " was cancelled", e);
        } catch (InterruptedException e) {
            letGo();
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.RETRY, "the transform " + source.name() + " was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OutOfMemoryError fatal) {
                throw fatal;
            }
            return bad(words(Objects.requireNonNullElse(e.getCause(), e)));
        } finally {
            running = null;
        }
    }

    /** Interrupts the call that is under way, from any thread. */
    public void cancel() {
        Future<?> call = running;
        if (call != null) {
            call.cancel(true);
        }
    }

    private Outcome bad(String why) {
        return new Outcome(List.of(), "the transform " + source.name() + " failed: " + why);
    }

    private static String words(Throwable e) {
        String message = e.getMessage();
        String said = e.getClass().getSimpleName() + (message == null ? "" : ": " + message.replaceAll("\\s+", " "));
        return said.substring(0, Math.min(LONGEST_CAUSE, said.length()));
    }

    private ExecutorService thread() {
        ExecutorService now = thread;
        if (now == null) {
            if (leftBehind >= MOST_LEFT_BEHIND) {
                throw new NeapException(
                        Kind.STOP,
                        "the transform " + source.name() + " did not return " + leftBehind + " times, nor when it was"
                                + " interrupted; mend it, such as by a timeout on what it calls, and run the same command"
                                + " again");
            }
            now = Executors.newSingleThreadExecutor(task -> {
                Thread started = new Thread(task, "neap transform " + source.name());
                started.setDaemon(true);
                return started;
            });
            thread = now;
        }
        return now;
    }

    private List<List<@Nullable Object[]>> made(List<Row> rows) throws Exception {
        Transform now = transform;
        if (now == null) {
            now = source.factory().get();
            transform = now;
        }
        if (now instanceof BatchTransform batch) {
            List<List<NewRow>> all = batch.transform(rows);
            if (all == null || all.size() != rows.size()) {
                throw new IllegalArgumentException("it returned " + (all == null ? "null" : all.size() + " lists")
                        + " for " + rows.size() + " rows; one list for each row is wanted, in their order");
            }
            List<List<@Nullable Object[]>> made = new ArrayList<>(all.size());
            for (List<NewRow> some : all) {
                made.add(values(some));
            }
            return made;
        }
        List<List<@Nullable Object[]>> made = new ArrayList<>(rows.size());
        for (Row row : rows) {
            made.add(values(((RowTransform) now).transform(row)));
            if (Thread.interrupted()) {
                throw new InterruptedException("it took too long");
            }
        }
        return made;
    }

    private List<@Nullable Object[]> values(@Nullable List<NewRow> rows) {
        if (rows == null) {
            throw new IllegalArgumentException("it returned null for a row; an empty list means none");
        }
        if (rows.size() > mostRows) {
            throw new IllegalArgumentException("it returned " + rows.size() + " rows for one, and at most " + mostRows
                    + (mostRows == 1 ? " can be: the row itself is filled" : " may be"));
        }
        List<@Nullable Object[]> values = new ArrayList<>(rows.size());
        for (NewRow row : rows) {
            values.add(
                    Objects.requireNonNull(row, "one of the new rows is null").values(schema.writes()));
        }
        return values;
    }

    /** What may be in any state by now is not used again. */
    private void letGo() {
        ExecutorService old = thread;
        thread = null;
        transform = null;
        if (old != null) {
            old.shutdownNow();
            try {
                if (!old.awaitTermination(1, TimeUnit.SECONDS)) {
                    leftBehind++;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        ExecutorService old = thread;
        thread = null;
        if (old == null) {
            return;
        }
        Transform last = transform;
        transform = null;
        if (last instanceof AutoCloseable closeable) {
            // On its own thread, and nobody waits: it may hang like any call.
            old.execute(() -> closeQuietly(closeable));
        }
        old.shutdown();
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // What it made is written by now.
            return;
        }
    }
}
