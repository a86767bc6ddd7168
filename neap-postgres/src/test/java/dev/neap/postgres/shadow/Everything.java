package dev.neap.postgres.shadow;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A partitioned table, one of whose partitions has everything that a partition can have. Its owner cannot log in; Neap's
 * role is a member of it, and no superuser.
 */
final class Everything {
    static final String RUNNER = "neap_runner";
    static final String TABLE = "\"App Data\".\"Events\"";
    /** 63 bytes, with what needs quoting. */
    static final String LEAF_NAME = "Ev \"2024\" {live} 'q' \\ 🌊 " + "x".repeat(36);

    static final String LEAF = "\"App Data\"." + quoted(LEAF_NAME);
    static final String WORK = "neap work";
    static final String KEPT = "neap_kept";

    private Everything() {}

    static String quoted(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    static void create(PostgresServer server, String database) throws SQLException {
        server.createDatabase(database);
        try (Connection admin = server.connect(database);
                Statement statement = admin.createStatement()) {
            for (String sql : statements(server.major())) {
                statement.execute(sql.replace("LEAF", LEAF).replace("EVENTS", TABLE));
            }
        }
    }

    private static List<String> statements(int major) {
        List<String> all = new ArrayList<>();
        all.add(ROLES);
        all.addAll(List.of(PARENT.formatted(major >= 17 ? "GENERATED ALWAYS AS IDENTITY" : "")
                .split(";\n")));
        all.add(LEAF_TABLE);
        if (major >= 18) {
            all.add(NOT_NULLS_18);
        }
        all.add(ATTACHED);
        if (major >= 17) {
            all.add("GRANT MAINTAIN ON LEAF TO ev_reader");
        }
        all.add("CREATE PUBLICATION \"Some Rows\" FOR TABLE ONLY LEAF"
                + (major >= 15 ? " (id, day, region) WHERE (region <> 'x')" : ""));
        all.addAll(List.of(
                "RESET ROLE",
                "ALTER PUBLICATION \"Some Rows\" OWNER TO \"Table Owner\"",
                "ALTER DEFAULT PRIVILEGES FOR ROLE neap_runner GRANT SELECT ON TABLES TO ev_curious, PUBLIC"));
        all.add(ROWS);
        return all;
    }

    private static final String ROLES = """
            DO $$ DECLARE r text; BEGIN
              FOREACH r IN ARRAY ARRAY['Table Owner', 'neap_runner', 'ev_reader', 'Ev Writer', 'ev_curious'] LOOP
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
                  EXECUTE format('CREATE ROLE %I', r);
                END IF;
              END LOOP;
            END $$;
            ALTER ROLE neap_runner LOGIN;
            GRANT "Table Owner" TO neap_runner;
            CREATE SCHEMA "App Data" AUTHORIZATION "Table Owner";
            CREATE SCHEMA "neap work" AUTHORIZATION neap_runner;
            CREATE SCHEMA neap_kept AUTHORIZATION neap_runner;
            GRANT CREATE, USAGE ON SCHEMA "neap work" TO "Table Owner";
            GRANT CREATE, USAGE ON SCHEMA neap_kept TO "Table Owner";
            DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO "Table Owner"', current_database()); END $$;
            SET ROLE "Table Owner";
            """;

    private static final String PARENT = """
            CREATE TABLE "App Data".users (id int PRIMARY KEY, name text);
            CREATE TABLE "App Data".regions (code text PRIMARY KEY) PARTITION BY LIST (code);
            CREATE TABLE "App Data".regions_ab PARTITION OF "App Data".regions FOR VALUES IN ('a', 'b');
            CREATE TABLE "App Data".regions_c PARTITION OF "App Data".regions FOR VALUES IN ('c');
            CREATE TABLE "App Data".log (who text, what text);
            CREATE FUNCTION "App Data".touch() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN INSERT INTO "App Data".log VALUES (TG_NAME, TG_OP); RETURN NULL; END $$;
            CREATE TABLE EVENTS (
              id bigint NOT NULL %s,
              day date NOT NULL,
              "user Id" int REFERENCES "App Data".users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
              amount numeric(12, 2) DEFAULT 0 CONSTRAINT amount_positive CHECK (amount >= 0),
              "weird ""col" text COLLATE "C" DEFAULT 'it''s \\ here',
              doubled numeric GENERATED ALWAYS AS (amount * 2) STORED,
              region text,
              serial_no int,
              at timestamptz DEFAULT '2024-05-05 10:00+02',
              payload jsonb,
              CONSTRAINT "Events pk" PRIMARY KEY (id, day)
            ) PARTITION BY RANGE (day);
            CREATE INDEX "By Region" ON EVENTS (region);
            CREATE INDEX by_region_again ON EVENTS (region);
            CREATE UNIQUE INDEX unique_serial ON EVENTS (serial_no, day) INCLUDE (region);
            CREATE TRIGGER parent_row AFTER INSERT ON EVENTS FOR EACH ROW EXECUTE FUNCTION "App Data".touch();
            CREATE TRIGGER parent_always AFTER UPDATE ON EVENTS FOR EACH ROW WHEN (NEW.amount > 5)
              EXECUTE FUNCTION "App Data".touch();
            CREATE TRIGGER parent_plain AFTER DELETE ON EVENTS FOR EACH ROW EXECUTE FUNCTION "App Data".touch();
            ALTER TABLE EVENTS ENABLE ALWAYS TRIGGER parent_plain;
            CREATE TABLE "App Data".other PARTITION OF EVENTS FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
            CREATE TABLE "App Data".rest PARTITION OF EVENTS DEFAULT;
            """;

    /** Another order of columns, and one that was dropped. */
    private static final String LEAF_TABLE = """
            CREATE TABLE LEAF (
              serial_no serial,
              gone text,
              day date NOT NULL,
              id bigint NOT NULL,
              payload jsonb,
              amount numeric(12, 2) DEFAULT 1 CONSTRAINT amount_positive CHECK (amount >= 0),
              region text NOT NULL DEFAULT 'a',
              "user Id" int,
              "weird ""col" text COLLATE "C",
              doubled numeric GENERATED ALWAYS AS (amount * 2) STORED,
              at timestamptz DEFAULT now(),
              CONSTRAINT "own ✓ check" CHECK (length(region) < 10)
            ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_enabled = false);
            ALTER TABLE LEAF DROP COLUMN gone;
            CREATE INDEX "leaf's own twin" ON LEAF (region);
            INSERT INTO LEAF (day, id, amount, region, payload) VALUES ('2024-01-01', -1, 0, 'b', '{}');
            ALTER TABLE LEAF ADD CONSTRAINT not_valid CHECK (amount <> 0) NOT VALID;
            ALTER TABLE LEAF ADD CONSTRAINT "own fk" FOREIGN KEY (region) REFERENCES "App Data".regions
              DEFERRABLE NOT VALID;
            """;

    private static final String NOT_NULLS_18 = """
            ALTER TABLE LEAF ADD CONSTRAINT "named nn" NOT NULL at;
            COMMENT ON CONSTRAINT "named nn" ON LEAF IS 'a named one';
            ALTER TABLE LEAF ADD CONSTRAINT "maybe null" NOT NULL "weird ""col" NOT VALID;
            ALTER TABLE LEAF ADD CONSTRAINT not_enforced CHECK (id <> 77) NOT ENFORCED;
            ALTER TABLE LEAF ADD COLUMN virtual_one int GENERATED ALWAYS AS (serial_no + 1) VIRTUAL;
            ALTER TABLE LEAF DROP COLUMN virtual_one;
            """;

    private static final String ATTACHED = """
            ALTER TABLE EVENTS ATTACH PARTITION LEAF FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
            CREATE UNIQUE INDEX "leaf partial" ON LEAF (amount) WHERE amount > 1000000;
            CREATE INDEX leaf_expression ON LEAF (lower(region), (amount + 1)) WITH (fillfactor = 70);
            ALTER INDEX "App Data".leaf_expression ALTER COLUMN 2 SET STATISTICS 333;
            CREATE INDEX leaf_gin ON LEAF USING gin (payload jsonb_path_ops);
            CREATE UNIQUE INDEX leaf_identity ON LEAF (id, day);
            ALTER TABLE LEAF REPLICA IDENTITY USING INDEX leaf_identity;
            ALTER TABLE LEAF CLUSTER ON leaf_expression;
            ALTER TABLE LEAF ADD CONSTRAINT "late unique" UNIQUE (day, id, serial_no) DEFERRABLE INITIALLY DEFERRED;
            ALTER TABLE LEAF ADD CONSTRAINT apart EXCLUDE USING btree (id WITH =, day WITH =) WHERE (id > 0);
            CREATE TRIGGER "own row" BEFORE UPDATE ON LEAF FOR EACH ROW WHEN (OLD.amount = 3)
              EXECUTE FUNCTION "App Data".touch();
            CREATE TRIGGER own_statement AFTER DELETE ON LEAF REFERENCING OLD TABLE AS was FOR EACH STATEMENT
              EXECUTE FUNCTION "App Data".touch();
            CREATE CONSTRAINT TRIGGER own_deferred AFTER INSERT ON LEAF DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
              EXECUTE FUNCTION "App Data".touch();
            ALTER TABLE LEAF ENABLE ALWAYS TRIGGER "own row";
            ALTER TABLE LEAF DISABLE TRIGGER own_statement;
            ALTER TABLE LEAF DISABLE TRIGGER parent_row;
            ALTER TABLE LEAF ENABLE REPLICA TRIGGER parent_always;
            ALTER TABLE LEAF ENABLE TRIGGER parent_plain;
            GRANT SELECT, INSERT ON LEAF TO ev_reader;
            GRANT UPDATE ON LEAF TO "Ev Writer" WITH GRANT OPTION;
            GRANT REFERENCES ON LEAF TO PUBLIC;
            GRANT SELECT (id, "weird ""col"), UPDATE ("weird ""col") ON LEAF TO "Ev Writer";
            REVOKE TRUNCATE ON LEAF FROM "Table Owner";
            CREATE POLICY "see all" ON LEAF FOR ALL TO "Table Owner" USING (true) WITH CHECK (true);
            CREATE POLICY readers ON LEAF AS RESTRICTIVE FOR SELECT TO ev_reader, "Ev Writer"
              USING (region = current_user OR id IN (SELECT e.id FROM LEAF e WHERE e.id < 0));
            ALTER TABLE LEAF ENABLE ROW LEVEL SECURITY;
            ALTER TABLE LEAF FORCE ROW LEVEL SECURITY;
            CREATE RULE own_rule AS ON DELETE TO LEAF WHERE OLD.id = 42
              DO ALSO INSERT INTO "App Data".log VALUES ('rule', OLD.region);
            ALTER TABLE LEAF DISABLE RULE own_rule;
            ALTER TABLE LEAF ALTER COLUMN region SET STATISTICS 777;
            ALTER TABLE LEAF ALTER COLUMN region SET (n_distinct = -0.25, n_distinct_inherited = 12);
            ALTER TABLE LEAF ALTER COLUMN payload SET STORAGE EXTERNAL;
            ALTER TABLE LEAF ALTER COLUMN "weird ""col" SET COMPRESSION pglz;
            CREATE STATISTICS "App Data"."Some Stats" (ndistinct, mcv) ON region, amount FROM LEAF;
            CREATE STATISTICS "App Data".more_stats ON (lower(region)), (amount + 1) FROM LEAF;
            ALTER STATISTICS "App Data".more_stats SET STATISTICS 55;
            COMMENT ON TABLE LEAF IS E'a table''s \\\\ comment 🌊';
            COMMENT ON COLUMN LEAF."weird ""col" IS 'a column';
            COMMENT ON INDEX "App Data".leaf_gin IS 'an index';
            COMMENT ON CONSTRAINT "late unique" ON LEAF IS 'a unique constraint';
            COMMENT ON CONSTRAINT "own ✓ check" ON LEAF IS 'a check';
            COMMENT ON CONSTRAINT not_valid ON LEAF IS 'a check, unproven';
            COMMENT ON CONSTRAINT "own fk" ON LEAF IS 'a foreign key';
            COMMENT ON TRIGGER "own row" ON LEAF IS 'a trigger';
            COMMENT ON TRIGGER parent_always ON LEAF IS 'a cloned trigger';
            COMMENT ON POLICY readers ON LEAF IS 'a policy';
            COMMENT ON RULE own_rule ON LEAF IS 'a rule';
            COMMENT ON STATISTICS "App Data"."Some Stats" IS 'statistics';
            """;

    private static final String ROWS = """
            INSERT INTO "App Data".users SELECT g, 'u' || g FROM generate_series(1, 20) g;
            INSERT INTO "App Data".regions VALUES ('a'), ('b'), ('c');
            SET session_replication_role = replica;
            INSERT INTO LEAF (day, id, amount, region, "user Id", payload, "weird ""col") OVERRIDING SYSTEM VALUE
              SELECT date '2024-01-01' + g % 366, g, g, chr(97 + g % 3), 1 + g % 20, jsonb_build_object('n', g), 'w'
              FROM generate_series(1, 1000) g;
            INSERT INTO "App Data".rest (id, day, region) OVERRIDING SYSTEM VALUE
              SELECT g, '2020-01-01', 'a' FROM generate_series(1, 50) g;
            RESET session_replication_role;
            """;
}
