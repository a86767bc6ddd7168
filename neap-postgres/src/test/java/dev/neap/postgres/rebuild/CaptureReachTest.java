package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Capture sees writes of every kind of session, and lets all of them through. Unit 1 is ledger_3. */
class CaptureReachTest {
    /** While it loads, while capture also takes rows out of the shadow, and after the swap, on the new partition. */
    private static final Map<Point, Integer> MOMENTS = new EnumMap<>(Map.of(
            Point.AFTER_LOAD_BATCH, 1, Point.BEFORE_SWAP, 2, Point.LAST_DRAIN_COMMITTED, 3, Point.AFTER_SWAP, 4));

    /** Writes in the old form; they must not fail. */
    private interface Session {
        Connection open() throws SQLException;
    }

    /** Runs with four writes at each moment: a change, a new row, a key update, a delete. Each row is another one's. */
    private static Ledger runWith(Ledger ledger, Session session) {
        boolean[] did = new boolean[5];
        RunResult result = ledger.run(point -> {
            Integer moment = MOMENTS.get(point);
            if (moment != null && !did[moment]) {
                did[moment] = true;
                write(session, moment);
            }
        });

        assertThat(did).as("moments reached").containsExactly(false, true, true, true, true);
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2")).isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(6_000);
        for (int moment = 1; moment <= 4; moment++) {
            int id = id(moment);
            assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = " + id))
                    .as("changed at moment " + moment)
                    .isEqualTo(700);
            assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = " + (910_000 + moment)))
                    .as("inserted at moment " + moment)
                    .isEqualTo(900);
            assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = " + (920_000 + moment)))
                    .as("its key updated at moment " + moment)
                    .isEqualTo(800);
            assertThat(ledger.number("SELECT count(*) FROM ledger WHERE id IN (" + (id + 3) + ", " + (id + 6) + ")"))
                    .as("deleted at moment " + moment)
                    .isZero();
        }
        return ledger;
    }

    private static int id(int moment) {
        return 2 + 30 * moment;
    }

    private static void write(Session session, int moment) {
        int id = id(moment);
        String where = " WHERE day OPERATOR(pg_catalog.=) '2026-01-03' AND id OPERATOR(pg_catalog.=) ";
        try (Connection c = session.open();
                Statement s = c.createStatement()) {
            s.execute("UPDATE public.ledger SET amount = 7, form = 1" + where + id);
            s.execute("INSERT INTO public.ledger VALUES ('2026-01-03', " + (910_000 + moment) + ", 1, 9, 1, 'new')");
            s.execute("UPDATE public.ledger SET amount = 8, form = 1, id = " + (920_000 + moment) + where + (id + 3));
            s.execute("DELETE FROM public.ledger" + where + (id + 6));
        } catch (SQLException e) {
            throw new IllegalStateException("the application's write failed: " + e.getMessage(), e);
        }
    }

    @Test
    void a_session_that_applies_replicated_changes_is_captured() {
        PostgresServer server = PostgresServer.newest();
        String database = "reach_replica";

        runWith(new Ledger(server, database).withRows(2_000), () -> {
            Connection c = server.connect(database);
            try (Statement s = c.createStatement()) {
                s.execute("SET session_replication_role = replica");
            }
            return c;
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_role_that_may_only_write_the_table_writes_on_whatever_its_search_path(boolean newest) {
        PostgresServer server = newest ? PostgresServer.newest() : PostgresServer.oldest();
        String database = "reach_role";
        Ledger ledger = new Ledger(server, database).withRows(2_000);
        server.execute(
                database,
                "DROP ROLE IF EXISTS reach_application",
                "CREATE ROLE reach_application LOGIN",
                "GRANT INSERT, UPDATE, DELETE, SELECT (day, id) ON ledger TO reach_application",
                "CREATE SCHEMA trap AUTHORIZATION reach_application");
        setTraps(server, database);

        runWith(ledger, () -> {
            Connection c = server.connect(database, "reach_application");
            try (Statement s = c.createStatement()) {
                s.execute("SET search_path = trap, pg_temp, pg_catalog");
            }
            return c;
        });

        server.execute(database, "DROP OWNED BY reach_application CASCADE", "DROP ROLE reach_application");
    }

    /** Of the application's own: what capture calls and compares with, under the same names, before the real ones. */
    private static void setTraps(PostgresServer server, String database) {
        try (Connection c = server.connect(database, "reach_application");
                Statement s = c.createStatement()) {
            String raise = " LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$";
            s.execute("CREATE FUNCTION trap.nextval(text) RETURNS bigint" + raise);
            s.execute("CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz" + raise);
            for (String type : new String[] {"date", "bigint", "numeric"}) {
                s.execute("CREATE FUNCTION trap.boom(%1$s, %1$s) RETURNS boolean".formatted(type) + raise);
                for (String operator : new String[] {"=", "<>", "<", ">", "<="}) {
                    s.execute("CREATE OPERATOR trap.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = trap.boom)"
                            .formatted(operator, type, type));
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
