package dev.neap.postgres.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables that are alike, and each difference by which they are not. */
class KeptFitTest {
    /** The columns have other numbers in the live one. */
    private static final String PAIR = """
            CREATE SCHEMA live_%1$d; CREATE SCHEMA kept_%1$d;
            CREATE TABLE live_%1$d.t (gone int, id int, v text, n int DEFAULT 5, CONSTRAINT t_key PRIMARY KEY (id));
            CREATE TABLE kept_%1$d.t (id int, v text, gone int, n int DEFAULT 5, CONSTRAINT t_key PRIMARY KEY (id));
            ALTER TABLE live_%1$d.t DROP COLUMN gone; ALTER TABLE kept_%1$d.t DROP COLUMN gone;
            CREATE INDEX t_v ON live_%1$d.t (v, n DESC); CREATE INDEX t_v ON kept_%1$d.t (v, n DESC);
            CREATE INDEX t_n ON live_%1$d.t (n, id); CREATE INDEX t_n ON kept_%1$d.t (n, id);
            CREATE INDEX t_low ON live_%1$d.t (lower(v)) WHERE n > 0; CREATE INDEX t_low ON kept_%1$d.t (lower(v)) WHERE n > 0;
            """;

    private static final String INSTEAD = "DROP INDEX kept_%1$d.t_v; CREATE INDEX t_v ON kept_%1$d.t ";
    private static final String NO_KEY = "ALTER TABLE kept_%1$d.t DROP CONSTRAINT t_key;";

    private static final List<String> DIFFERENCES = List.of(
            "ALTER TABLE kept_%1$d.t ALTER COLUMN n SET DEFAULT 6",
            "ALTER TABLE kept_%1$d.t ALTER COLUMN v SET NOT NULL",
            "ALTER TABLE kept_%1$d.t ADD CHECK (n > 0)",
            "ALTER TABLE kept_%1$d.t SET (fillfactor = 70)",
            "ALTER TABLE kept_%1$d.t SET UNLOGGED",
            "ALTER TABLE kept_%1$d.t REPLICA IDENTITY USING INDEX t_key",
            "GRANT SELECT ON kept_%1$d.t TO PUBLIC",
            "CREATE INDEX t_more ON kept_%1$d.t (n)",
            INSTEAD + "(v, n)",
            INSTEAD + "(v, n DESC NULLS LAST)",
            INSTEAD + "(n, v DESC)",
            INSTEAD + "(v, id DESC)",
            INSTEAD + "(v) INCLUDE (n)",
            INSTEAD + "(v COLLATE \"C\", n DESC)",
            INSTEAD + "(v text_pattern_ops, n DESC)",
            INSTEAD + "(v, n DESC) WITH (fillfactor = 70)",
            INSTEAD + "(v, n DESC) WHERE n > 0",
            INSTEAD + "(lower(v), n DESC)",
            INSTEAD + "USING hash (v)",
            "DROP INDEX kept_%1$d.t_v; CREATE UNIQUE INDEX t_v ON kept_%1$d.t (v, n DESC)",
            "DROP INDEX kept_%1$d.t_n; CREATE INDEX t_n ON kept_%1$d.t (id, n)",
            "DROP INDEX kept_%1$d.t_low; CREATE INDEX t_low ON kept_%1$d.t (lower(v)) WHERE n > 1",
            NO_KEY + "ALTER TABLE kept_%1$d.t ADD CONSTRAINT t_key PRIMARY KEY (id) DEFERRABLE",
            NO_KEY + "CREATE UNIQUE INDEX t_key ON kept_%1$d.t (id); ALTER TABLE kept_%1$d.t ALTER id SET NOT NULL",
            NO_KEY + "ALTER TABLE kept_%1$d.t ALTER id SET NOT NULL, ADD CONSTRAINT t_key UNIQUE (id)",
            NO_KEY + "ALTER TABLE kept_%1$d.t ALTER id SET NOT NULL, ADD CONSTRAINT t_key EXCLUDE (id WITH =)");

    private static final String FROM_15 = NO_KEY
            + "ALTER TABLE kept_%1$d.t ALTER id SET NOT NULL, ADD CONSTRAINT t_key UNIQUE NULLS NOT DISTINCT (id);"
            + "ALTER TABLE live_%1$d.t DROP CONSTRAINT t_key;"
            + "ALTER TABLE live_%1$d.t ALTER id SET NOT NULL, ADD CONSTRAINT t_key UNIQUE (id)";

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void pairs_are_alike_unless_there_is_a_difference_in_words(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        server.createDatabase("kept_fit");
        List<String> changes = new ArrayList<>(DIFFERENCES);
        if (major >= 15) {
            changes.add(FROM_15);
        }
        try (Connection connection = server.connect("kept_fit");
                Statement s = connection.createStatement()) {
            List<Long> live = new ArrayList<>();
            List<Long> kept = new ArrayList<>();
            for (int i = 0; i <= changes.size() + 1; i++) {
                s.execute(PAIR.formatted(i));
                live.add(oid(s, "live_" + i));
                kept.add(oid(s, "kept_" + i));
            }
            s.execute("CREATE INDEX t_more ON live_1.t (n)");
            for (int i = 0; i < changes.size(); i++) {
                s.execute(changes.get(i).formatted(i + 2));
            }

            assertThat(KeptFit.alike(connection, live, kept)).containsExactly(live.get(0));
            assertThat(KeptFit.differences(connection, live.get(0), kept.get(0)))
                    .isEmpty();
            assertThat(KeptFit.differences(connection, live.get(1), kept.get(1)))
                    .as("an index that only the live one has can be built")
                    .isEmpty();
            for (int i = 0; i < changes.size(); i++) {
                assertThat(KeptFit.differences(connection, live.get(i + 2), kept.get(i + 2)))
                        .as(changes.get(i))
                        .isNotEmpty()
                        .allMatch(words -> words.startsWith("only the "));
            }
        }
    }

    private static long oid(Statement s, String schema) throws SQLException {
        try (ResultSet row = s.executeQuery("SELECT '" + schema + ".t'::regclass::oid::bigint")) {
            row.next();
            return row.getLong(1);
        }
    }
}
