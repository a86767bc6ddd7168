package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.rebuild.Bystanders.Old;
import dev.neap.postgres.rebuild.Standbys.Seen;
import java.sql.SQLException;
import java.util.List;

/**
 * Waits until no snapshot is left that could miss what was last written to the shadow, here and on the standbys. It holds
 * no lock, so it may last, over several attempts: snapshots taken from now on see the shadow whole, and only those that
 * were listed once are waited for.
 */
final class OldSnapshots {
    private static final long POLL_MS = 5;

    private final UnitWork work;
    private final Standbys standbys;
    private String written = "none yet";
    private String log = "";
    private List<Old> here = List.of();
    private List<Seen> there = List.of();

    OldSnapshots(UnitWork work, Standbys standbys) {
        this.work = work;
        this.standbys = standbys;
    }

    /** The transaction that wrote the shadow last. */
    String lastWrite() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT coalesce(last_write::text, '') FROM neap.unit WHERE id = ?",
                        work.unit().id())
                .text();
    }

    /** Waits for a while, and says who is left. */
    Attempt outwait(long besides) throws SQLException {
        String own = UnitNames.sessions(work.unit().runId());
        Bystanders bystanders = new Bystanders(work.connection());
        String lastWrite = lastWrite();
        if (!lastWrite.equals(written)) {
            log = Query.of(work.connection(), "SELECT pg_current_wal_insert_lsn()::text")
                    .text();
            here = bystanders.olderThan(lastWrite, 0, besides, own);
            there = standbys.behind(lastWrite, log);
            written = lastWrite;
        }
        long until = System.nanoTime() + work.tuning().lockDeadline().toNanos() / 2;
        while (!here.isEmpty() || !there.isEmpty()) {
            if (System.nanoTime() > until) {
                return Attempt.missed(
                        here.isEmpty() ? there.get(0).words() : here.get(0).words());
            }
            pause();
            List<Old> before = here;
            List<Old> hereNow = here.isEmpty() ? List.of() : bystanders.olderThan(lastWrite, 0, besides, own);
            here = hereNow.stream()
                    .filter(now -> before.stream().anyMatch(now::same))
                    .toList();
            List<Seen> thereNow = there.isEmpty() ? List.of() : standbys.behind(lastWrite, log);
            there = stillThere(there, thereNow);
        }
        return Attempt.GOT;
    }

    /** A standby that was behind may show new readers, as old as it was, when it has caught up: all of them count. */
    private static List<Seen> stillThere(List<Seen> before, List<Seen> now) {
        boolean caughtUpLate = before.stream().anyMatch(seen -> seen.reader().isEmpty());
        return caughtUpLate
                ? now
                : now.stream()
                        .filter(seen -> before.stream().anyMatch(seen::same))
                        .toList();
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.RETRY, "interrupted", e);
        }
    }
}
