package dev.neap.postgres.rebuild;

import dev.neap.backfill.TableName;
import java.util.List;

/** What partitions may be, and what their rows may hold. */
final class ShapesOfRows {
    private static final String TYPED = """
            CREATE TABLE t (id int PRIMARY KEY, amount money_like NOT NULL, form int NOT NULL DEFAULT 1, mood mood,
                place place, places place[], tags text[], span int4range, spans tsrange[], doc json, body text, raw bytea,
                x double precision, bits bit varying(9), addr inet, made mood GENERATED ALWAYS AS (mood) STORED)
                PARTITION BY RANGE (id)
            """;
    private static final String WEIRD = "T \"; DROP TABLE victim; -- $1 ? {x} 'é🌊";

    private ShapesOfRows() {}

    static List<Shape> all() {
        return List.of(
                Shape.busy(
                        "other schemas and tablespaces",
                        "id = id + 700",
                        "SET allow_in_place_tablespaces = on",
                        "CREATE TABLESPACE neap_shapes LOCATION '{place}'",
                        "CREATE SCHEMA \"Other Place\"",
                        "CREATE TABLE t (id int, amount numeric NOT NULL, form int NOT NULL DEFAULT 1, PRIMARY KEY (id) USING INDEX TABLESPACE neap_shapes) PARTITION BY RANGE (id)",
                        "CREATE TABLE \"Other Place\".t_0 PARTITION OF t FOR VALUES FROM (0) TO (1000) TABLESPACE neap_shapes",
                        "CREATE TABLE \"Other Place\".\"t 1\" PARTITION OF t FOR VALUES FROM (1000) TO (100000)",
                        "INSERT INTO t SELECT i, i FROM generate_series(1, 1500) i"),
                Shape.busy(
                        "another order of columns, and dropped ones",
                        "id = id + 700",
                        "CREATE TABLE t (gone int, id int PRIMARY KEY, note text, amount numeric NOT NULL, form int NOT NULL DEFAULT 1) PARTITION BY RANGE (id)",
                        "CREATE TABLE t_0 (form int NOT NULL DEFAULT 1, old text, amount numeric NOT NULL, note text, gone int, id int PRIMARY KEY)",
                        "ALTER TABLE t_0 DROP COLUMN old",
                        "ALTER TABLE t ATTACH PARTITION t_0 FOR VALUES FROM (0) TO (1000)",
                        "ALTER TABLE t DROP COLUMN gone",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1000) TO (100000)",
                        "ALTER TABLE t ADD COLUMN late text DEFAULT 'later'",
                        "INSERT INTO t SELECT i, 'n' || i, i FROM generate_series(1, 1500) i"),
                Shape.busy(
                        "a unique index in place of a primary key",
                        "id = id + 700",
                        "CREATE TABLE t (id int, sub text NOT NULL, amount numeric NOT NULL, form int NOT NULL DEFAULT 1, id_too int) PARTITION BY RANGE (id)",
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (1000)",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1000) TO (100000)",
                        "ALTER TABLE t ALTER COLUMN id SET NOT NULL",
                        "CREATE UNIQUE INDEX maybe_null ON t_0 (id_too)",
                        "CREATE UNIQUE INDEX half ON t_0 (id) WHERE form = 1",
                        "CREATE UNIQUE INDEX whole ON t_0 (id, sub) INCLUDE (form)",
                        "CREATE UNIQUE INDEX identity ON t_1 (id)",
                        "ALTER TABLE t_1 REPLICA IDENTITY USING INDEX identity",
                        "INSERT INTO t SELECT i, 's', i, 1, NULL FROM generate_series(1, 1500) i"),
                Shape.quiet(
                        "no key at all",
                        "CREATE TABLE t (id int, amount numeric NOT NULL, form int NOT NULL DEFAULT 1, doc json, twice numeric GENERATED ALWAYS AS (amount * 2) STORED) PARTITION BY LIST (id)",
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES IN (0, 1, NULL)",
                        "CREATE TABLE t_rest PARTITION OF t DEFAULT",
                        "INSERT INTO t SELECT nullif(i % 4, 1), i % 100, 1, '{\"a\": 1}' FROM generate_series(1, 1500) i"),
                Shape.busy(
                        "unlogged",
                        "id = id + 700",
                        "CREATE TABLE t (id int PRIMARY KEY, amount numeric NOT NULL, form int NOT NULL DEFAULT 1) PARTITION BY RANGE (id)",
                        "CREATE UNLOGGED TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (1000)",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1000) TO (100000)",
                        "INSERT INTO t SELECT i, i FROM generate_series(1, 1500) i"),
                Shape.busy(
                        "row security",
                        "id = id + 700",
                        "CREATE TABLE t (id int PRIMARY KEY, amount numeric NOT NULL, form int NOT NULL DEFAULT 1) PARTITION BY RANGE (id)",
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (1000)",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1000) TO (100000)",
                        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
                        "CREATE POLICY few ON t USING (id < 5)",
                        "ALTER TABLE t_0 ENABLE ROW LEVEL SECURITY",
                        "ALTER TABLE t_0 FORCE ROW LEVEL SECURITY",
                        "CREATE POLICY none ON t_0 AS RESTRICTIVE FOR UPDATE USING (false)",
                        "INSERT INTO t SELECT i, i FROM generate_series(1, 1500) i"),
                Shape.busy(
                        "generated and identity columns",
                        "id = id + 700",
                        """
                        CREATE TABLE t (id int NOT NULL, seq bigint GENERATED ALWAYS AS IDENTITY, amount numeric NOT NULL,
                            form int NOT NULL DEFAULT 1, cents numeric GENERATED ALWAYS AS (amount * form) STORED,
                            code text NOT NULL GENERATED ALWAYS AS ('c' || id) STORED, ser serial,
                            PRIMARY KEY (id, code)) PARTITION BY RANGE (id)
                        """,
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (1000)",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1000) TO (100000)",
                        "CREATE INDEX ON t (cents)",
                        "INSERT INTO t (id, amount) SELECT i, i FROM generate_series(1, 1500) i"),
                Shape.busy(
                        "types of every kind, and large values",
                        "id = id + 700",
                        "CREATE TYPE mood AS ENUM ('low', 'high')",
                        "CREATE DOMAIN money_like AS numeric CHECK (VALUE >= 0)",
                        "CREATE TYPE place AS (street text, no money_like)",
                        TYPED,
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (-10) TO (1000)",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1000) TO (100000)",
                        "ALTER TABLE t_0 ALTER COLUMN body SET STORAGE EXTERNAL",
                        "CREATE INDEX ON t USING gin (tags)",
                        "CREATE INDEX ON t USING gist (span)",
                        """
                        INSERT INTO t SELECT i, i, 1, (ARRAY['low', 'high', NULL])[1 + i % 3]::mood, ROW('s' || i, i)::place,
                            ARRAY[ROW('a,"b', 1)::place, NULL], ARRAY['x', NULL, ''], int4range(i, i + 5),
                            ARRAY[tsrange('2024-01-01', NULL)], '{"a":  1}', repeat(md5(i::text), CASE WHEN i % 20 = 0 THEN 900 ELSE 1 END),
                            decode(repeat('00ff', i % 3000), 'hex'), CASE i % 4 WHEN 0 THEN 'NaN' WHEN 1 THEN '-0' ELSE i / 3.0 END,
                            B'101', '10.0.0.1/8'
                        FROM generate_series(-9, 1200) i WHERE i >= 0
                        """),
                Shape.named(
                        "names that need quotes, and try to inject",
                        new TableName("S p \"a\" ce", WEIRD),
                        "CREATE TABLE victim (id int)",
                        "CREATE SCHEMA \"S p \"\"a\"\" ce\"",
                        "CREATE TABLE \"S p \"\"a\"\" ce\"." + quoted(WEIRD)
                                + " (id int PRIMARY KEY, amount numeric NOT NULL, form int NOT NULL DEFAULT 1, \"'); DROP TABLE victim; --\" text, \"$neap$ $neap_swap$\" text DEFAULT '$neap$') PARTITION BY RANGE (id)",
                        "CREATE TABLE \"S p \"\"a\"\" ce\"." + quoted("🌊".repeat(15) + "abc")
                                + " PARTITION OF \"S p \"\"a\"\" ce\"." + quoted(WEIRD)
                                + " FOR VALUES FROM (0) TO (700)",
                        "CREATE TABLE \"S p \"\"a\"\" ce\".\"$neap_swap$ ' \"\" ; p\" PARTITION OF \"S p \"\"a\"\" ce\"."
                                + quoted(WEIRD) + " FOR VALUES FROM (700) TO (100000)",
                        "CREATE INDEX \"I ; $neap_swap$\" ON \"S p \"\"a\"\" ce\"." + quoted(WEIRD)
                                + " (\"'); DROP TABLE victim; --\")",
                        "INSERT INTO \"S p \"\"a\"\" ce\"." + quoted(WEIRD)
                                + " SELECT i, i, 1, 'v' FROM generate_series(1, 1500) i"));
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
