package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.StatementTimes;
import dev.neap.throttle.StatementTimes.Count;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How many times as long the application's statements take as before the run, by pg_stat_statements: those of every role
 * but Neap's own. Not for use by several threads.
 */
final class StatementTime implements SignalSession.Look {
    static final String NAME = ServerSignal.STATEMENTS.label();

    private static final Duration EVERY = Duration.ofSeconds(1);

    /** What it says where the server does not load the extension's library. */
    private static final String NOT_LOADED = "55000";

    private static final String SEES = "SELECT pg_has_role('pg_read_all_stats', 'USAGE')";

    private static final String FACTS = """
            SELECT quote_ident(nspname), has_schema_privilege(n.oid, 'USAGE'),
                   EXISTS (SELECT FROM pg_class WHERE relnamespace = n.oid AND relname = 'pg_stat_statements_info'),
                   pg_has_role('pg_read_all_stats', 'USAGE'), current_user
            FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'pg_stat_statements'
            """;

    /** Those that are called most: of the others a look would have few calls. Their texts are not asked for. */
    private static final String SQL = """
            SELECT (SELECT stats_reset FROM {schema}.pg_stat_statements_info)::text, userid || ' ' || queryid, sum(calls),
                   sum(total_exec_time)
            FROM {schema}.pg_stat_statements(false)
            WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND userid <> (SELECT oid FROM pg_roles WHERE rolname = current_user) AND queryid IS NOT NULL
            GROUP BY userid, queryid ORDER BY sum(calls) DESC LIMIT 2000
            """;

    private final StatementTimes times;
    private final String sql;

    private StatementTime(String schema, StatementTimes times) {
        this.sql = sql(schema);
        this.times = times;
    }

    private static String sql(String schema) {
        return SQL.replace("{schema}", schema);
    }

    /** @param times from so many times as long on nothing is written, and from half of the way to it on the run goes slower */
    static Limits limits(double times) {
        return new Limits(NAME, Limits.Unit.TIMES, (1 + times) / 2, times, EVERY, StatementTimes.memory(EVERY));
    }

    /** The extension as the role finds it. */
    private record Facts(String schema, boolean usable, boolean recent, boolean sees, String role) {}

    /** How it is read here; where it cannot be, why. */
    record Found(Optional<StatementTime> look, String missing) {
        private static Found missing(String why) {
            return new Found(Optional.empty(), why);
        }
    }

    /**
     * Looks for the extension.
     *
     * @param times what is known of the statements
     */
    static Found on(Connection connection, StatementTimes times) throws SQLException {
        Optional<Facts> found = Query.of(connection, FACTS)
                .first(row -> new Facts(
                        row.getString(1), row.getBoolean(2), row.getBoolean(3), row.getBoolean(4), row.getString(5)));
        if (found.isEmpty()) {
            return Found.missing(
                    "this database has no extension pg_stat_statements; CREATE EXTENSION pg_stat_statements,"
                            + " and load it by shared_preload_libraries");
        }
        Facts facts = found.get();
        if (!facts.usable()) {
            return Found.missing("the role may not use the extension's schema; GRANT USAGE ON SCHEMA " + facts.schema()
                    + " TO " + facts.role());
        }
        if (!facts.recent()) {
            return Found.missing("the extension is older than the server; ALTER EXTENSION pg_stat_statements UPDATE");
        }
        if (!facts.sees()) {
            return Found.missing(
                    "the role may not see the statements of others; GRANT pg_read_all_stats TO " + facts.role());
        }
        try {
            if (Query.of(connection, sql(facts.schema())).texts().isEmpty()) {
                return Found.missing("no role but " + facts.role()
                        + " has executed a statement here; give Neap a role of its own, so that what is not its own is"
                        + " the application's");
            }
        } catch (SQLException e) {
            if (!NOT_LOADED.equals(SqlFailures.state(e))) {
                throw e;
            }
            return Found.missing("the server does not load pg_stat_statements; add it to shared_preload_libraries");
        }
        return new Found(Optional.of(new StatementTime(facts.schema(), times)), "");
    }

    @Override
    public Reading at(Connection connection) throws SQLException {
        // Without it there would be no statement, which looks like an application that is idle.
        if (!Query.of(connection, SEES).truth()) {
            return Reading.none(
                    "the role may not see the statements of others any more; GRANT pg_read_all_stats to it");
        }
        List<String> since = new ArrayList<>();
        List<Count> counts = Query.of(connection, sql).list(row -> {
            since.add(row.getString(1));
            return new Count(row.getString(2), row.getLong(3), row.getDouble(4));
        });
        return times.looked(since.isEmpty() ? "" : since.get(0), counts);
    }
}
