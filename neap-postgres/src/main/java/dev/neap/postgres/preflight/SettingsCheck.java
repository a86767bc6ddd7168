package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Settings of the server, the database or the role that would get in the way. */
final class SettingsCheck implements Check {
    /** A lock that stalls nobody is waited for this long; autovacuum gives way only after deadlock_timeout. */
    private static final long COURTESY_MS = 4_000;
    /** Locks of a swap with a few foreign keys and indexes, of the table that all sessions share. */
    private static final long LOCK_SLOTS = 1_000;

    @Override
    public String name() {
        return "settings";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        sortSpace(subject, findings);
        if (milliseconds(subject, "deadlock_timeout") >= COURTESY_MS) {
            findings.add(Finding.warning(
                    name(),
                    "deadlock_timeout is " + shown(subject, "deadlock_timeout"),
                    "an autovacuum gives way only after that long, which is longer than Neap waits for it",
                    "SET deadlock_timeout to less than 4s, for the server or for Neap's role"));
        }
        lockTable(subject, findings);
        return findings;
    }

    private void sortSpace(Subject subject, List<Finding> findings) throws SQLException {
        long limitBytes = Query.of(subject.connection(), """
                        SELECT CASE WHEN current_setting('temp_file_limit') = '-1' THEN -1
                                    ELSE pg_size_bytes(current_setting('temp_file_limit')) END
                        """).number();
        if (limitBytes >= 0 && limitBytes < subject.estimate().sortBytes()) {
            findings.add(Finding.error(
                    name(),
                    "temp_file_limit is " + shown(subject, "temp_file_limit")
                            + ", and the largest index build sorts about "
                            + Bytes.of(subject.estimate().sortBytes()),
                    "the build would be refused on the way",
                    "ALTER ROLE … SET temp_file_limit to more than that, or raise maintenance_work_mem"));
        }
    }

    private void lockTable(Subject subject, List<Finding> findings) throws SQLException {
        long slots = Query.of(subject.connection(), """
                        SELECT current_setting('max_locks_per_transaction')::bigint
                             * (current_setting('max_connections')::bigint
                                + current_setting('max_prepared_transactions')::bigint)
                        """).number();
        if (slots < LOCK_SLOTS) {
            findings.add(Finding.warning(
                    name(),
                    "the lock table has room for about %,d locks".formatted(slots),
                    "a swap locks the table, a partition, their indexes and what their foreign keys point to, and with it"
                            + " every query that touches all partitions",
                    "raise max_locks_per_transaction"));
        }
    }

    private static long milliseconds(Subject subject, String setting) throws SQLException {
        return Query.of(
                        subject.connection(),
                        "SELECT coalesce(extract(epoch FROM nullif(current_setting(?, true), '')::interval) * 1000, 0)::bigint",
                        setting)
                .number();
    }

    private static String shown(Subject subject, String setting) throws SQLException {
        return Query.of(subject.connection(), "SELECT current_setting(?)", setting)
                .text();
    }
}
