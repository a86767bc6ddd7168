package dev.neap.postgres.rebuild;

import dev.neap.backfill.Cutover;
import dev.neap.backfill.TableName;
import java.util.ArrayList;
import java.util.List;

/**
 * One shape of partitioned table, with its rows. Each has the columns `id`, `amount` and `form`; a rebuild multiplies
 * the amounts by 100 and brings each row into form 2.
 *
 * @param table the partitioned table
 * @param statements what makes it and fills it, all rows in form 1
 * @param move an assignment that takes a row to another partition, or somewhere else in its own; empty for none
 * @param writes whether somebody writes while it is rebuilt
 * @param cutover how the recomputed rows come into the table
 */
record Shape(String name, TableName table, List<String> statements, String move, boolean writes, Cutover cutover) {
    Shape {
        statements = List.copyOf(statements);
    }

    @Override
    public String toString() {
        return name;
    }

    private static Shape of(String name, String move, String... statements) {
        return new Shape(name, new TableName("public", "t"), List.of(statements), move, true, Cutover.SWAP);
    }

    private Shape unwritten() {
        return new Shape(name, table, statements, "", false, cutover);
    }

    private Shape called(String schema, String other) {
        return new Shape(name, new TableName(schema, other), statements, move, writes, cutover);
    }

    private Shape merged() {
        return new Shape(name, table, statements, move, writes, Cutover.MERGE);
    }

    static List<Shape> all() {
        List<Shape> all = new ArrayList<>(bounds());
        all.addAll(ShapesOfRows.all());
        return all;
    }

    /** What a table may be partitioned by, and how deep. */
    private static List<Shape> bounds() {
        return List.of(
                of(
                        "LIST with NULL and DEFAULT",
                        "country = CASE country WHEN 'fr' THEN NULL WHEN 'zz' THEN 'de' ELSE 'zz' END",
                        """
                        CREATE TABLE t (id int NOT NULL, country text, amount numeric NOT NULL, form int NOT NULL DEFAULT 1,
                            CONSTRAINT positive CHECK (amount > 0)) PARTITION BY LIST (country)
                        """,
                        "CREATE TABLE t_west PARTITION OF t (PRIMARY KEY (id)) FOR VALUES IN ('fr', 'es', NULL)",
                        "CREATE TABLE t_de PARTITION OF t (PRIMARY KEY (id)) FOR VALUES IN ('de', 'it''s')",
                        "CREATE TABLE t_rest PARTITION OF t (PRIMARY KEY (id)) DEFAULT",
                        "INSERT INTO t SELECT i, (ARRAY['fr', 'es', NULL, 'de', 'xx', 'it''s'])[1 + i % 6], i FROM generate_series(1, 1500) i"),
                of(
                        "HASH of two columns",
                        "tenant = md5(tenant::text)::uuid",
                        "CREATE TABLE ref (id int PRIMARY KEY)",
                        "INSERT INTO ref SELECT generate_series(0, 9)",
                        """
                        CREATE TABLE t (id int, tenant uuid, amount numeric NOT NULL, form int NOT NULL DEFAULT 1,
                            ref int REFERENCES ref, PRIMARY KEY (id, tenant)) PARTITION BY HASH (id, tenant)
                        """,
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 4, REMAINDER 0)",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 4, REMAINDER 1)",
                        "CREATE TABLE t_2 PARTITION OF t FOR VALUES WITH (MODULUS 4, REMAINDER 2)",
                        "CREATE INDEX ON t (ref)",
                        "CREATE TABLE t_3 PARTITION OF t FOR VALUES WITH (MODULUS 4, REMAINDER 3)",
                        "INSERT INTO t SELECT i, md5('t' || i % 7)::uuid, i, 1, i % 10 FROM generate_series(1, 1500) i"),
                of(
                        "partitions of partitions",
                        "day = CASE WHEN day < '2024-02-01' THEN day + 31 ELSE day - 31 END, id = id",
                        "CREATE TABLE ref (id int PRIMARY KEY)",
                        "INSERT INTO ref SELECT generate_series(0, 9)",
                        """
                        CREATE TABLE t (id int NOT NULL, day date, amount numeric NOT NULL, form int NOT NULL DEFAULT 1,
                            ref int REFERENCES ref) PARTITION BY RANGE (day)
                        """,
                        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                        "CREATE TABLE t_jan PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') PARTITION BY HASH (id)",
                        "CREATE TABLE t_jan0 PARTITION OF t_jan FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                        "CREATE TABLE t_jan1 PARTITION OF t_jan FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                        "CREATE TABLE t_feb PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') PARTITION BY LIST ((id % 3))",
                        "CREATE TABLE t_feb0 PARTITION OF t_feb FOR VALUES IN (0)",
                        "CREATE TABLE t_feb_rest PARTITION OF t_feb DEFAULT",
                        "CREATE TABLE t_rest PARTITION OF t DEFAULT PARTITION BY RANGE (id)",
                        "CREATE TABLE t_rest_low PARTITION OF t_rest FOR VALUES FROM (MINVALUE) TO (1000)",
                        "CREATE TABLE t_rest_high PARTITION OF t_rest FOR VALUES FROM (1000) TO (MAXVALUE)",
                        "ALTER TABLE t_jan0 ADD PRIMARY KEY (id)",
                        "ALTER TABLE t_jan1 ADD PRIMARY KEY (id)",
                        "ALTER TABLE t_feb0 ADD PRIMARY KEY (id)",
                        "ALTER TABLE t_feb_rest ADD PRIMARY KEY (id)",
                        "ALTER TABLE t_rest ADD PRIMARY KEY (id)",
                        "CREATE INDEX ON t (ref)",
                        "CREATE TRIGGER touched BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()",
                        "INSERT INTO t SELECT i, CASE WHEN i % 5 > 0 THEN date '2024-01-01' + i % 60 END, i, 1, i % 10 FROM generate_series(1, 1500) i"),
                of(
                        "several key columns",
                        "tenant = 1 + tenant % 9",
                        """
                        CREATE TABLE t (id int, day date, tenant int, amount numeric NOT NULL, form int NOT NULL DEFAULT 1,
                            PRIMARY KEY (tenant, day, id)) PARTITION BY RANGE (day, tenant)
                        """,
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (MINVALUE, MINVALUE) TO ('2024-01-01', MINVALUE)",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01', MINVALUE) TO ('2024-01-01', 5)",
                        "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-01-01', 5) TO (MAXVALUE, MAXVALUE)",
                        "INSERT INTO t SELECT i, date '2023-12-31' + i % 3, i % 10, i FROM generate_series(1, 1500) i"),
                of(
                        "expressions as key",
                        "at = at + interval '20 days'",
                        """
                        CREATE TABLE t (id int NOT NULL, at timestamp NOT NULL, name text, amount numeric NOT NULL,
                            form int NOT NULL DEFAULT 1) PARTITION BY RANGE (date_trunc('month', at), (lower(name)))
                        """,
                        "CREATE TABLE t_0 PARTITION OF t (PRIMARY KEY (id)) FOR VALUES FROM ('2024-01-01', MINVALUE) TO ('2024-02-01', 'm')",
                        "CREATE TABLE t_1 PARTITION OF t (PRIMARY KEY (id)) FOR VALUES FROM ('2024-02-01', 'm') TO ('2024-03-01', MINVALUE)",
                        "CREATE TABLE t_rest PARTITION OF t (PRIMARY KEY (id)) DEFAULT",
                        "INSERT INTO t SELECT i, timestamp '2024-01-01' + i % 58 * interval '1 day', chr(65 + i % 26), i FROM generate_series(1, 1500) i"),
                of(
                        "times in a zone of its own",
                        "at = at + interval '20 days'",
                        "ALTER DATABASE {database} SET TimeZone = 'Asia/Kathmandu'",
                        "ALTER DATABASE {database} SET DateStyle = 'SQL, DMY'",
                        "SET TimeZone = 'America/St_Johns'; SET DateStyle = 'ISO, DMY'",
                        "CREATE TABLE t (id int, at timestamptz, amount numeric NOT NULL, form int NOT NULL DEFAULT 1, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (MINVALUE) TO ('02.01.2024 00:00')",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('02.01.2024 00:00') TO ('2024-02-01 00:00+05:45')",
                        "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-02-01 00:00+05:45') TO ('infinity')",
                        "INSERT INTO t SELECT i, timestamptz '2024-01-01 00:00Z' + i * interval '1 hour', i FROM generate_series(1, 1500) i"),
                of(
                        "text, in an order of its own",
                        "name = chr(65 + (ascii(name) - 64) % 58) || name",
                        "CREATE TABLE t (id int, name text COLLATE \"C\", amount numeric NOT NULL, form int NOT NULL DEFAULT 1, PRIMARY KEY (id, name)) PARTITION BY RANGE (name)",
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (MINVALUE) TO ('Z')",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('Z') TO ('it''s \\ here')",
                        "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('it''s \\ here') TO (MAXVALUE)",
                        "INSERT INTO t SELECT i, chr(65 + i % 58), i FROM generate_series(1, 1500) i"),
                of(
                                "HASH of a text, merged",
                                "name = name || 'x'",
                                "CREATE TABLE t (id int NOT NULL, name text NOT NULL, amount numeric NOT NULL, form int NOT NULL DEFAULT 1) PARTITION BY HASH (name)",
                                "CREATE UNIQUE INDEX t_name_id ON t (name, id)",
                                "CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                                "CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                                "INSERT INTO t SELECT i, 'n' || i % 99, i FROM generate_series(1, 1500) i")
                        .merged(),
                of(
                                "a key in a collation of its own, merged",
                                "name = chr(65 + (ascii(name) - 64) % 58) || name",
                                "CREATE TABLE t (id int NOT NULL, name varchar(3000) NOT NULL, amount numeric NOT NULL, form int NOT NULL DEFAULT 1) PARTITION BY RANGE (name COLLATE \"POSIX\")",
                                "CREATE TABLE t_0 PARTITION OF t (PRIMARY KEY (id)) FOR VALUES FROM (MINVALUE) TO ('a')",
                                "CREATE TABLE t_rest PARTITION OF t (PRIMARY KEY (id)) DEFAULT",
                                "INSERT INTO t SELECT i, chr(65 + i % 58), i FROM generate_series(1, 1500) i")
                        .merged(),
                of(
                        "uuid",
                        "u = md5(u::text)::uuid",
                        "CREATE TABLE t (u uuid PRIMARY KEY, id int NOT NULL, amount numeric NOT NULL, form int NOT NULL DEFAULT 1) PARTITION BY RANGE (u)",
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM ('00000000-0000-0000-0000-000000000000') TO ('80000000-0000-0000-0000-000000000000')",
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('80000000-0000-0000-0000-000000000000') TO (MAXVALUE)",
                        "INSERT INTO t SELECT gen_random_uuid(), i, i FROM generate_series(1, 1500) i"));
    }

    /** Of this shape, with other names. */
    static Shape named(String name, TableName table, String... statements) {
        return of(name, "", statements).called(table.schema(), table.name());
    }

    /** Nobody writes to it. */
    static Shape quiet(String name, String... statements) {
        return of(name, "", statements).unwritten();
    }

    /** Written while it is rebuilt. */
    static Shape busy(String name, String move, String... statements) {
        return of(name, move, statements);
    }
}
