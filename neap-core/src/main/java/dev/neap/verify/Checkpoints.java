package dev.neap.verify;

import dev.neap.backfill.Backfill;
import dev.neap.control.ControlStore;
import dev.neap.control.RunRow;
import dev.neap.control.Verifications;
import dev.neap.control.Verifications.Subject;
import dev.neap.dialect.Database;
import dev.neap.dialect.TableVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of one verification, one for each of its tables, on a session of their own. All stay until all tables are
 * through: whoever goes on finds those that are.
 */
final class Checkpoints implements AutoCloseable {
    private final @Nullable ControlStore control;
    private final List<KeptCheckpoint> open = new ArrayList<>();
    private final String why;
    private String table = "";

    /** @param why why none are kept, in words; empty where they are, or that goes without saying */
    private Checkpoints(@Nullable ControlStore control, String why) {
        this.control = control;
        this.why = why;
    }

    static Checkpoints none() {
        return new Checkpoints(null, "");
    }

    /**
     * Beside a run that is not finished none are kept: what was right may be written meanwhile. Where there are no control
     * tables none are made.
     */
    static Checkpoints of(Database database, Backfill backfill) {
        return switch (database.keeping()) {
            case NO_TABLES -> none();
            case REFUSED ->
                new Checkpoints(
                        null, "this role cannot write the table neap.verification, or the next run will make it");
            case KEEPS -> {
                ControlStore control = database.control("neap verify checkpoint");
                Optional<RunRow> unfinished = control.unfinished(backfill.name());
                if (unfinished.isPresent()) {
                    control.close();
                    yield new Checkpoints(null, "run " + unfinished.get().id() + " is not finished");
                }
                yield new Checkpoints(control, "");
            }
        };
    }

    /**
     * @param part which of the backfill's fills, from 1
     * @param expected that fill, with what would make the expected rows
     */
    Checkpoint of(int part, Backfill expected, TableVerifier bench) {
        if (control == null) {
            return Checkpoint.because(why);
        }
        Verifications verifications = new Verifications(control);
        KeptCheckpoint checkpoint = KeptCheckpoint.open(
                verifications,
                new Subject(
                        expected.name(),
                        part,
                        expected.declared(),
                        bench.shape(),
                        verifications.newestRun(expected.name())));
        open.add(checkpoint);
        table = expected.fill().into().toString();
        return checkpoint;
    }

    /** Where the next process goes on, in words. */
    String where() {
        return open.isEmpty()
                ? "nothing of it is kept: the same command begins anew" + (why.isEmpty() ? "" : ", since " + why)
                : "of " + table + " " + open.get(open.size() - 1).where();
    }

    /** Everything is compared: the next verification begins anew. */
    void over() {
        open.forEach(KeptCheckpoint::over);
    }

    @Override
    public void close() {
        if (control != null) {
            control.close();
        }
    }
}
