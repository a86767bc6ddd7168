package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What `pg_stat_statements` has of this database: the statements of other roles than Neap's own that name a table.
 *
 * @param blind why nothing can be seen, in words; empty when something can, and the rest means nothing otherwise
 * @param collected for how long it has collected
 * @param leftOut how often it had no room, and left statements out
 * @param unread roles whose statements cannot be read, or are too long
 * @param more whether there are more than {@link #MOST}
 * @param statements those that are called most
 */
record SeenStatements(
        String blind, Duration collected, long leftOut, List<String> unread, boolean more, List<Statement> statements) {
    static final int MOST = 1_000;

    private static final int LONGEST = 20_000;

    private static final String STATEMENTS = """
            SELECT role, sum(calls)::bigint AS calls, text
            FROM (SELECT pg_get_userbyid(s.userid)::text AS role, s.calls,
                         CASE WHEN s.query <> '<insufficient privilege>' AND length(s.query) <= ? THEN s.query END AS text
                  FROM {schema}.pg_stat_statements s
                  WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                    AND s.userid <> (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)) AS of_others
            WHERE text IS NULL OR position(lower(?) IN lower(text)) > 0
            GROUP BY role, text ORDER BY text IS NOT NULL, calls DESC LIMIT ?
            """;

    /** A statement. */
    record Statement(String role, long calls, SqlWords words) {
        @Override
        public String toString() {
            return "'" + words.shown() + "' (" + role + ", calls: %,d)".formatted(calls);
        }
    }

    SeenStatements {
        unread = List.copyOf(unread);
        statements = List.copyOf(statements);
    }

    /** Looks, in the read-only transaction of a plan. */
    static SeenStatements of(FillSubject subject, TableName table) throws SQLException {
        Connection connection = subject.connection();
        Optional<String> schema = Query.of(connection, """
                        SELECT quote_ident(n.nspname) FROM pg_catalog.pg_extension e
                        JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'
                        """).first(row -> row.getString(1));
        if (schema.isEmpty()) {
            return blind("the extension pg_stat_statements is not in this database");
        }
        String info = schema.get() + ".pg_stat_statements_info";
        String refused = subject.failure("SELECT 1 FROM " + info + ", " + schema.get() + ".pg_stat_statements LIMIT 1");
        return refused == null
                ? read(connection, schema.get(), info, table)
                : blind("pg_stat_statements cannot be read: " + refused);
    }

    private static SeenStatements blind(String why) {
        return new SeenStatements(why, Duration.ZERO, 0, List.of(), false, List.of());
    }

    private static SeenStatements read(Connection connection, String schema, String info, TableName table)
            throws SQLException {
        long seconds = Query.of(
                        connection, "SELECT extract(epoch FROM clock_timestamp() - stats_reset)::bigint FROM " + info)
                .number();
        long leftOut = Query.of(connection, "SELECT dealloc FROM " + info).number();
        List<String> unread = new ArrayList<>();
        List<Statement> statements = new ArrayList<>();
        Query.of(connection, STATEMENTS.replace("{schema}", schema), LONGEST, table.name(), MOST + 1)
                .list(row -> {
                    String text = row.getString(3);
                    return text == null
                            ? unread.add(row.getString(1))
                            : statements.add(new Statement(row.getString(1), row.getLong(2), new SqlWords(text)));
                });
        return new SeenStatements(
                "", Duration.ofSeconds(seconds), leftOut, unread, unread.size() + statements.size() > MOST, statements);
    }
}
