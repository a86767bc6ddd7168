package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Takes a run's capture off the tables that its recompute has read, one table in a transaction. */
public final class StopReading {
    private static final String WATCHED = """
            SELECT DISTINCT format('%I.%I', n.nspname, c.relname), c.oid::bigint
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE t.tgname = ANY (?::text[]) AND NOT t.tgisinternal ORDER BY 1
            """;

    private static final String NEEDED = """
            SELECT EXISTS (SELECT FROM neap.unit WHERE run_id = ? AND state <> 'done' AND source_state IS NOT NULL)
            """;

    private StopReading() {}

    private record Table(String name, long oid) {}

    /**
     * One attempt. A table that somebody uses for longer than the deadline is not queued for.
     *
     * @param session in autocommit, as it is afterwards
     */
    public static Attempt of(Connection session, long run, Tuning tuning) throws SQLException {
        List<Table> tables = Query.of(
                        session, WATCHED, List.of(SourceCapture.trigger(run), SourceCapture.replicaTrigger(run)))
                .list(r -> new Table(r.getString(1), r.getLong(2)));
        if (Query.of(session, NEEDED, run).truth()) {
            return Attempt.GOT;
        }
        for (Table table : tables) {
            Attempt stopped = stop(session, run, table, tuning);
            if (!stopped.got()) {
                return stopped;
            }
        }
        try (Statement s = session.createStatement()) {
            UnitWork.all(s, SourceCapture.dropRest(run));
        }
        return Attempt.GOT;
    }

    private static Attempt stop(Connection session, long run, Table table, Tuning tuning) throws SQLException {
        Bystanders bystanders = new Bystanders(session);
        long deadline = tuning.lockDeadline().toMillis();
        List<String> who = bystanders.holders(List.of(table.oid()), deadline, -1);
        if (!who.isEmpty()) {
            return Attempt.missed(String.join("; ", who));
        }
        session.setAutoCommit(false);
        try (Statement s = session.createStatement()) {
            s.execute("SET LOCAL lock_timeout = " + tuning.courtesy().toMillis());
            s.execute("LOCK TABLE ONLY " + table.name() + " IN SHARE UPDATE EXCLUSIVE MODE");
            s.execute("SET LOCAL lock_timeout = " + deadline);
            s.execute("SET LOCAL idle_in_transaction_session_timeout = " + deadline);
            UnitWork.all(s, SourceCapture.dropTriggers(run, table.name()));
            session.commit();
            return Attempt.GOT;
        } catch (SQLException e) {
            session.rollback();
            NeapException ours = SqlFailures.explain(e);
            if (ours.kind() != Kind.LOCK && !"40P01".equals(SqlFailures.state(e))) {
                throw e;
            }
            List<String> now = bystanders.holders(List.of(table.oid()), 0, -1);
            return Attempt.missed(ours, now);
        } finally {
            if (!session.isClosed()) {
                session.setAutoCommit(true);
            }
        }
    }
}
