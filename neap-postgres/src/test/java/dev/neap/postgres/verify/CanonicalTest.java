package dev.neap.postgres.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What counts as the same value, type by type, as docs/verify.md says it. */
class CanonicalTest {
    /** A column's type, two values of it in SQL, and whether they count as the same. */
    record Pair(String type, String one, String other, boolean same) {}

    /** To the oldest and to the newest server, each in a transaction that is never committed. */
    private static final List<Connection> SESSIONS = new ArrayList<>();

    @BeforeAll
    static void make_types() throws SQLException {
        for (PostgresServer server : List.of(PostgresServer.oldest(), PostgresServer.newest())) {
            Connection session = server.connect("postgres");
            SESSIONS.add(session);
            session.setAutoCommit(false);
            try (Statement s = session.createStatement()) {
                s.execute("CREATE DOMAIN money_like AS numeric");
                s.execute("CREATE DOMAIN many_moneys AS money_like[]");
                s.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')");
                s.execute("CREATE TYPE whole AS (n int, t text)");
                s.execute("CREATE COLLATION nobody_minds"
                        + " (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
            }
        }
    }

    @AfterAll
    static void close() throws SQLException {
        for (Connection session : SESSIONS) {
            session.rollback();
            session.close();
        }
        SESSIONS.clear();
    }

    static Stream<Pair> pairs() {
        return Stream.of(
                new Pair("text", "NULL", "''", false),
                new Pair("text", "NULL", "NULL", true),
                new Pair("text", "'-'", "NULL", false),
                new Pair("text", "'a'", "'a '", false),
                new Pair("text COLLATE \"en-x-icu\"", "'a'", "'A'", false),
                // Composed, and an e with an accent behind it.
                new Pair("text", "U&'\\00e9'", "U&'e\\0301'", false),
                new Pair("text COLLATE nobody_minds", "'a'", "'A'", false),
                new Pair("char(5)", "'a'", "'a   '", true),
                new Pair("char(5)", "' a'", "'a'", false),
                new Pair("varchar(5)", "'a'", "'a '", false),
                new Pair("numeric", "1.5", "1.500", true),
                new Pair("numeric", "100", "1e2", true),
                new Pair("numeric", "'NaN'", "'NaN'", true),
                new Pair("numeric", "'NaN'", "1e300", false),
                new Pair("double precision", "'-Infinity'", "-1e308", false),
                new Pair("numeric", "0.1", "0.10000000000000001", false),
                new Pair("money_like", "1.5", "1.50", true),
                new Pair("numeric(9,3)", "1.0004", "1", true),
                new Pair("numeric", "0.000", "-0.0", true),
                new Pair("double precision", "'-0'", "0", true),
                new Pair("double precision", "1", "1.0000000000000002", false),
                new Pair("double precision", "'NaN'", "'NaN'", true),
                new Pair("double precision", "0.3", "0.1::float8 + 0.2::float8", false),
                new Pair("real", "'-0'", "0", true),
                new Pair("real", "0.1", "0.1::float8::real", true),
                new Pair("bigint", "10", "010", true),
                new Pair("timestamptz", "'2024-03-31 02:30+02'", "'2024-03-31 00:30Z'", true),
                new Pair("timestamptz", "'2024-03-31 00:30Z'", "'2024-03-31 00:30:00.000001Z'", false),
                new Pair("timestamp", "'infinity'", "'infinity'", true),
                new Pair("timestamptz", "'infinity'", "'-infinity'", false),
                new Pair("date", "'infinity'", "'infinity'", true),
                new Pair("date", "'4713-01-01 BC'", "'4713-01-02 BC'", false),
                new Pair("time", "'24:00'", "'00:00'", false),
                new Pair("timetz", "'12:00+00'", "'13:00+01'", false),
                new Pair("interval", "'1 month'", "'30 days'", false),
                new Pair("json", "'{\"a\": 1, \"b\": 2}'", "'{\"b\":2,\"a\":1}'", true),
                new Pair("json", "'{\"a\": 1, \"a\": 2}'", "'{\"a\": 2}'", true),
                new Pair("json", "'[1, 2]'", "'[2, 1]'", false),
                new Pair("json", "'{\"a\": 1.0}'", "'{\"a\": 1.00}'", false),
                new Pair("json", "'[\"\\u0000\"]'", "'[\"\\u0000\"]'", true),
                new Pair("json", "'[\"\\uD800\"]'", "'[\"\\u0000\"]'", false),
                new Pair("json", "'null'", "NULL", false),
                new Pair("jsonb", "'{\"a\": null}'", "'{}'", false),
                new Pair("bytea", "'\\x00ff'", "'\\x00FF'", true),
                new Pair("bytea", "'\\x00'", "'\\x0000'", false),
                new Pair("bytea", "''", "NULL", false),
                new Pair("text[]", "ARRAY['a', NULL]", "ARRAY['a', 'NULL']", false),
                new Pair("text[]", "ARRAY['a', 'b']", "ARRAY['a,b']", false),
                new Pair("text[]", "'{}'", "NULL", false),
                new Pair("text[]", "'{}'", "ARRAY['']", false),
                new Pair("int[]", "'{{1,2},{3,4}}'", "'{1,2,3,4}'", false),
                new Pair("numeric[]", "ARRAY[1.0, 2]", "ARRAY[1, 2.00]", true),
                new Pair("double precision[]", "ARRAY['-0'::float8]", "ARRAY[0]", true),
                new Pair("real[]", "'{NaN,1}'", "'{NaN,1.0}'", true),
                new Pair("char(5)[]", "'{a}'", "'{\"a  \"}'", true),
                new Pair("money_like[]", "'{1.5,NULL}'", "'{1.50,NULL}'", true),
                new Pair("many_moneys", "'{1.5}'", "'{1.50}'", true),
                new Pair("many_moneys[]", "ARRAY['{1}'::many_moneys]", "ARRAY['{2}'::many_moneys]", false),
                new Pair("json[]", "ARRAY['{\"a\":1,\"b\":2}'::json]", "ARRAY['{\"b\":2,\"a\":1}'::json]", true),
                new Pair("bytea[]", "ARRAY['\\x00'::bytea]", "ARRAY['\\x0000'::bytea]", false),
                new Pair("int[]", "'[0:1]={1,2}'", "'{1,2}'", false),
                new Pair("mood[]", "'{sad,NULL}'", "'{sad,ok}'", false),
                new Pair("numrange", "'[1,2)'", "'[1,3)'", false),
                new Pair("whole", "ROW(1, NULL)", "ROW(1, '')", false),
                new Pair("mood", "'sad'", "'sad'", true),
                new Pair("mood", "'sad'", "'ok'", false),
                new Pair("boolean", "'yes'", "true", true),
                new Pair("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "'a0eebc999c0b4ef8bb6d6bb9bd380a11'", true));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void what_counts_as_the_same_has_the_same_checksum_and_aggregates_and_nothing_else(Pair pair) throws Exception {
        for (Connection session : SESSIONS) {
            Savepoint before = session.setSavepoint();
            try {
                assertThat(same(session, pair)).as(pair.toString()).isEqualTo(pair.same());
            } finally {
                session.rollback(before);
            }
        }
    }

    private static boolean same(Connection connection, Pair pair) throws SQLException {
        try (Statement s = connection.createStatement()) {
            s.execute("CREATE TABLE sides (one " + pair.type() + ", other " + pair.type() + ")");
            s.execute("INSERT INTO sides VALUES (" + pair.one() + ", " + pair.other() + ")");
            Map<String, Canonical> forms;
            try (ResultSet rs = s.executeQuery("SELECT 'sides'::regclass::oid::bigint")) {
                rs.next();
                forms = Canonical.of(connection, rs.getLong(1));
            }
            try (ResultSet rs = s.executeQuery("SELECT " + Canonical.checksum(List.of("one"), List.of(forms.get("one")))
                    + " = " + Canonical.checksum(List.of("other"), List.of(forms.get("other"))) + ", "
                    + aggregates(forms, "one") + " = " + aggregates(forms, "other") + " FROM sides")) {
                rs.next();
                assertThat(rs.getBoolean(2)).as("aggregates of one row").isEqualTo(rs.getBoolean(1));
                return rs.getBoolean(1);
            }
        }
    }

    private static String aggregates(Map<String, Canonical> forms, String column) {
        Canonical form = forms.get(column);
        return "(SELECT ARRAY[" + String.join(", ", form.aggregates("v.v")) + "] FROM (SELECT " + form.measured(column)
                + " AS v) AS v)";
    }

    @ParameterizedTest
    @MethodSource("rows")
    void values_do_not_run_into_each_other(String one, String other) throws Exception {
        try (Connection connection = PostgresServer.newest().connect("postgres");
                Statement s = connection.createStatement();
                ResultSet rs = s.executeQuery("SELECT array_agg(DISTINCT "
                        + Canonical.checksum(List.of("r.a", "r.b"), List.of(TEXT, TEXT))
                        + ") FROM (VALUES " + one + ", " + other + ") AS r (a, b)")) {
            rs.next();
            assertThat((Object[]) rs.getArray(1).getArray()).hasSize(2);
        }
    }

    private static final Canonical TEXT = new Canonical(false, "pg_catalog.text");

    static Stream<Object[]> rows() {
        return Stream.of(
                new Object[] {"('ab', 'c')", "('a', 'bc')"},
                new Object[] {"(NULL, '')", "('', NULL)"},
                new Object[] {"('1:a', NULL)", "('1', 'a-')"},
                new Object[] {"('-', '')", "(NULL, '')"});
    }
}
