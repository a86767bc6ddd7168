package dev.neap.postgres.planning;

/** Tables of different shapes, each called `t`, in two partitions. */
final class EstimatedTables {
    private static final String PARTITIONS =
            "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');"
                    + "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');";

    private EstimatedTables() {}

    static String[] of(String shape) {
        return switch (shape) {
            case "plain" ->
                new String[] {
                    """
                CREATE TABLE t (id bigint NOT NULL, day date NOT NULL, customer int NOT NULL,
                    amount numeric(10,2) NOT NULL, note text, version int NOT NULL DEFAULT 1, PRIMARY KEY (id, day))
                PARTITION BY RANGE (day);
                """ + PARTITIONS,
                    "CREATE INDEX ON t (customer)",
                    "CREATE INDEX ON t (day, amount)",
                    """
                INSERT INTO t SELECT i, date '2024-01-01' + (i % 360)::int, (random() * 10000)::int,
                    (random() * 1000)::numeric(10,2), md5(i::text) FROM generate_series(1, 200000) AS i
                """,
                    "ANALYZE t"
                };
            case "wide" -> new String[] {"""
                CREATE TABLE t (id uuid NOT NULL, day date NOT NULL, body text NOT NULL, PRIMARY KEY (id, day))
                PARTITION BY RANGE (day);
                """ + PARTITIONS, """
                INSERT INTO t SELECT gen_random_uuid(), date '2024-01-01' + (i % 360)::int, repeat(md5(i::text), 10)
                FROM generate_series(1, 60000) AS i
                """};
            case "large" -> new String[] {"""
                CREATE TABLE t (id bigint NOT NULL, day date NOT NULL, body text NOT NULL, PRIMARY KEY (id, day))
                PARTITION BY RANGE (day);
                """ + PARTITIONS, """
                INSERT INTO t SELECT i, date '2024-01-01' + (i % 360)::int,
                    (SELECT string_agg(md5(random()::text || i || g), '') FROM generate_series(1, 150) AS g)
                FROM generate_series(1, 4000) AS i
                """};
            case "bloated" ->
                new String[] {
                    """
                CREATE TABLE t (id bigint NOT NULL, day date NOT NULL, body int NOT NULL, PRIMARY KEY (id, day))
                PARTITION BY RANGE (day);
                """ + PARTITIONS,
                    "INSERT INTO t SELECT i, date '2024-01-01' + (i % 360)::int, 0 FROM generate_series(1, 150000) AS i",
                    "UPDATE t SET body = 1",
                    "UPDATE t SET body = 2 WHERE id % 2 = 0",
                    "VACUUM ANALYZE t"
                };
            case "growing" ->
                new String[] {
                    """
                CREATE TABLE t (id bigint NOT NULL, day date NOT NULL, body text, PRIMARY KEY (id, day))
                PARTITION BY RANGE (day);
                """ + PARTITIONS,
                    "INSERT INTO t SELECT i, date '2024-01-01' + (i % 360)::int FROM generate_series(1, 100000) AS i",
                    "ANALYZE t"
                };
            default -> throw new IllegalArgumentException(shape);
        };
    }
}
