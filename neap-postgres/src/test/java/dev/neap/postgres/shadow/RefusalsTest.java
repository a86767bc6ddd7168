package dev.neap.postgres.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalsTest {
    private static final String TABLES = """
            CREATE SCHEMA work; CREATE SCHEMA kept;
            CREATE TABLE events (id int NOT NULL, day date NOT NULL, note text, PRIMARY KEY (id, day))
              PARTITION BY RANGE (day);
            CREATE INDEX events_note ON events (note);
            CREATE TABLE jan PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
            CREATE TABLE feb PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
            CREATE TABLE rest PARTITION OF events DEFAULT;
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
            """;

    /** What is done, and what the one refusal must say. */
    private static final Map<String, String> CASES = new LinkedHashMap<>();

    static {
        CASES.put(
                "CREATE TABLE child (id int, day date, FOREIGN KEY (id, day) REFERENCES events)",
                "public.child references public.events (foreign key child_id_day_fkey)");
        CASES.put(
                "CREATE TABLE child (id int, day date, FOREIGN KEY (id, day) REFERENCES jan)",
                "public.child references public.jan (foreign key");
        CASES.put(
                "ALTER TABLE jan ADD CONSTRAINT own FOREIGN KEY (id, day) REFERENCES jan",
                "public.jan references public.jan (foreign key own)");
        CASES.put("CREATE VIEW looks AS SELECT id FROM jan", "view public.looks depends on public.jan itself");
        CASES.put("CREATE VIEW looks AS SELECT NULL::jan", "view public.looks depends on public.jan itself");
        CASES.put(
                "CREATE MATERIALIZED VIEW looks AS SELECT id FROM jan",
                "materialized view public.looks depends on public.jan itself");
        CASES.put(
                "CREATE FUNCTION counts() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM public.jan; END",
                "function public.counts() depends on public.jan itself");
        CASES.put(
                "CREATE FUNCTION takes(jan) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "function public.takes(public.jan) depends on public.jan itself");
        CASES.put(
                "CREATE FUNCTION gives() RETURNS SETOF jan LANGUAGE sql AS 'SELECT * FROM jan'",
                "function public.gives() depends on public.jan itself");
        CASES.put("CREATE TABLE box (a jan[])", "column a of table public.box depends on public.jan itself");
        CASES.put(
                "ALTER TABLE jan ADD CONSTRAINT neap_positive CHECK (id > 0)",
                "constraint neap_positive on public.jan has a name that Neap keeps for itself");
        CASES.put(
                "CREATE SUBSCRIPTION gets CONNECTION '' PUBLICATION p WITH (connect = false, slot_name = NONE);"
                        + " INSERT INTO pg_subscription_rel SELECT oid, 'jan'::regclass, 'r' FROM pg_subscription"
                        + " WHERE subname = 'gets'",
                "subscription gets writes to public.jan, and would leave out all that comes for it after the swap");
        CASES.put(
                "CREATE RULE r AS ON INSERT TO feb DO ALSO DELETE FROM jan WHERE id = 0",
                "a rule on public.feb depends on public.jan itself");
        CASES.put(
                "CREATE TABLE guarded (id int);"
                        + " CREATE POLICY p ON guarded USING (EXISTS (SELECT FROM jan WHERE jan.id = guarded.id))",
                "policy p on table public.guarded depends on public.jan itself");
        CASES.put(
                "CREATE INDEX half ON ONLY events (day)",
                "index public.half of the parent has no partner on public.jan");
        CASES.put(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'jan_note_idx'::regclass",
                "index public.jan_note_idx is not valid");
        CASES.put(
                "CREATE TABLE ref (id int PRIMARY KEY); ALTER TABLE jan ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES ref;"
                        + " ALTER TABLE jan DISABLE TRIGGER ALL",
                "triggers of foreign key fk are disabled on public.jan");
        CASES.put(
                "CREATE TRIGGER neap_mine AFTER INSERT ON jan FOR EACH ROW EXECUTE FUNCTION nothing()",
                "trigger neap_mine on public.jan has a name that Neap keeps for itself");
        CASES.put(
                "CREATE STATISTICS s ON id, day FROM jan; CREATE STATISTICS work.s ON id, note FROM jan",
                "two statistics objects on public.jan are called s");
        CASES.put("ALTER INDEX jan_note_idx DEPENDS ON EXTENSION plpgsql", "depends on, the extension plpgsql");
        CASES.put(
                "DROP TABLE jan; CREATE TABLE jan PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')"
                        + " PARTITION BY HASH (id)",
                "public.jan is partitioned itself");
        CASES.put(
                "DROP TABLE jan; ALTER TABLE events DROP CONSTRAINT events_pkey; CREATE FOREIGN DATA WRAPPER w;"
                        + " CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE jan PARTITION OF events"
                        + " FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') SERVER s",
                "public.jan is a foreign table");
        CASES.put(
                "DROP TABLE jan; ALTER TABLE events DROP CONSTRAINT events_pkey; CREATE TABLE named (LIKE events) PARTITION BY HASH (note, id);"
                        + " ALTER TABLE events DETACH PARTITION rest; DROP TABLE rest; ALTER TABLE events RENAME TO before;"
                        + " ALTER TABLE named RENAME TO events; CREATE TABLE jan PARTITION OF events FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
                "partitioned by HASH (note, id): ATTACH would scan public.jan under its lock");
        CASES.put("ALTER TABLE events DETACH PARTITION jan", "public.jan is not attached to that parent");
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void what_a_swap_would_break_or_leave_behind_is_refused_with_a_remedy(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        server.createDatabase("refusals");
        try (Connection neap = server.connect("refusals")) {
            Rebuilds.run(neap, TABLES);
            assertThat(Rebuilds.definition(neap, "jan", "events", "work", "kept")
                            .refusals())
                    .isEmpty();
            Rebuilds.run(neap, "SET allow_system_table_mods = on");
            Map<String, List<String>> wrong = new LinkedHashMap<>();
            for (Map.Entry<String, String> each : CASES.entrySet()) {
                Rebuilds.run(neap, "BEGIN");
                Rebuilds.run(neap, each.getKey());
                List<String> refusals = Rebuilds.definition(neap, "jan", "events", "work", "kept")
                        .refusals();
                if (refusals.size() != 1 || !refusals.get(0).contains(each.getValue())) {
                    wrong.put(each.getKey(), refusals);
                }
                Rebuilds.run(neap, "ROLLBACK");
            }
            assertThat(wrong).isEmpty();
            assertThat(Rebuilds.definition(neap, "rest", "events", "work", "kept")
                            .refusals())
                    .isEmpty();
            Rebuilds.run(
                    neap,
                    "DO $$ BEGIN FOR i IN 1..99 LOOP EXECUTE format('CREATE TABLE later_%s PARTITION OF events FOR VALUES"
                            + " FROM (%L) TO (%L)', i, date '2025-01-01' + i, date '2025-01-02' + i); END LOOP; END $$");
            assertThat(Rebuilds.definition(neap, "rest", "events", "work", "kept")
                            .refusals())
                    .singleElement()
                    .asString()
                    .contains("public.rest is the DEFAULT partition beside 101 others");
            assertThat(Rebuilds.definition(neap, "jan", "events", "work", "kept")
                            .refusals())
                    .isEmpty();
        }
    }

    @Test
    void an_identity_of_the_leafs_own_is_refused_before_17() throws Exception {
        PostgresServer server = PostgresServer.of(14);
        server.createDatabase("refusals");
        try (Connection neap = server.connect("refusals")) {
            Rebuilds.run(neap, TABLES);
            Rebuilds.run(neap, "ALTER TABLE jan ALTER id ADD GENERATED ALWAYS AS IDENTITY");
            ShadowDefinition shadow = Rebuilds.definition(neap, "jan", "events", "work", "kept");
            assertThat(shadow.refusals())
                    .singleElement()
                    .asString()
                    .contains("column id of public.jan has an identity of its own");
            assertThat(shadow.overridesSystemValue()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_published_partition_is_refused_while_a_slot_is_there(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        server.createDatabase("refusals");
        try (Connection neap = server.connect("refusals")) {
            Rebuilds.run(neap, TABLES);
            Rebuilds.run(neap, "CREATE PUBLICATION pub FOR TABLE events");
            assertThat(Rebuilds.definition(neap, "jan", "events", "work", "kept")
                            .refusals())
                    .isEmpty();
            Rebuilds.texts(neap, "SELECT pg_create_logical_replication_slot('refusals', 'pgoutput')::text");
            try {
                assertThat(Rebuilds.definition(neap, "jan", "events", "work", "kept")
                                .refusals())
                        .singleElement()
                        .asString()
                        .contains("public.jan is published (pub)", "slot (refusals)");
            } finally {
                Rebuilds.texts(neap, "SELECT pg_drop_replication_slot('refusals')::text");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_role_that_lacks_a_privilege_is_told_which(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        Everything.create(server, "refusals");
        try (Connection admin = server.connect("refusals");
                Connection neap = server.connect("refusals", Everything.RUNNER)) {
            Rebuilds.run(admin, "ALTER TABLE \"App Data\".users OWNER TO postgres");
            Rebuilds.run(admin, "ALTER TABLE \"App Data\".rest OWNER TO postgres");
            Rebuilds.run(admin, "ALTER PUBLICATION \"Some Rows\" OWNER TO postgres");
            Rebuilds.run(admin, "ALTER SCHEMA \"App Data\" OWNER TO postgres");
            Rebuilds.run(admin, "GRANT USAGE ON SCHEMA \"App Data\" TO \"Table Owner\"");
            assertThat(Rebuilds.definition(neap, Everything.LEAF, Everything.TABLE)
                            .refusals())
                    .hasSize(4)
                    .anyMatch(s -> s.contains("\"App Data\".rest belongs to postgres, and neap_runner is not a member"))
                    .anyMatch(s -> s.contains("may not create tables in schema \"App Data\""))
                    .anyMatch(s -> s.contains("publication \"Some Rows\" names"))
                    .anyMatch(s -> s.contains("may not reference \"App Data\".users"));
        }
    }
}
