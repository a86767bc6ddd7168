package dev.neap.verify;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Verification;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.TableVerifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Compares every row of what a backfill filled with what is expected, one table after another. */
public final class FullVerification {
    private FullVerification() {}

    /**
     * Verifies every table of a fill.
     *
     * @param verification what it is held to: an element for each part of the backfill
     * @param grace how long an application may take from its first write to its second
     * @throws NeapException USAGE where an expectation does not fit the tables; STOP when it is interrupted
     */
    public static VerifyReport of(Database database, Backfill backfill, Verification verification, Duration grace) {
        long began = System.nanoTime();
        List<TableReport> tables = new ArrayList<>();
        List<Backfill> parts = backfill.parts();
        for (int i = 0; i < parts.size(); i++) {
            Expected expected =
                    Expected.of(parts.get(i).fill(), verification.expect().get(i));
            tables.add(table(database, parts.get(i), expected, grace));
        }
        return new VerifyReport(backfill.name(), tables, Duration.ofNanos(System.nanoTime() - began));
    }

    private static TableReport table(Database database, Backfill part, Expected expected, Duration grace) {
        try (TableVerifier bench = database.verifier(part.with(expected.fill()))) {
            Tally tally = new Verifier(bench, part, grace, FullVerification::sleep, System::nanoTime).verify();
            List<String> notes = new ArrayList<>(expected.notes());
            if (!bench.ground().extras().isEmpty()) {
                notes.add(bench.ground().extras());
            }
            return new TableReport(
                    part.fill().from(),
                    part.fill().into(),
                    expected.claims(),
                    tally.rows(),
                    tally.differences(),
                    tally.named(),
                    notes);
        }
    }

    private static void sleep(Duration howLong) {
        try {
            Thread.sleep(howLong.toMillis() + 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.STOP, "the verification was interrupted", e);
        }
    }
}
