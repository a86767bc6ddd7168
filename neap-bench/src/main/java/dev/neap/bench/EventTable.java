package dev.neap.bench;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The table that is measured on: monthly partitions, a primary key, a secondary index, a foreign key.
 *
 * @param rows over all partitions
 * @param partitions monthly ones from January 2024 on
 * @param withDefault whether there is a DEFAULT partition too, with rows in it
 */
record EventTable(long rows, int partitions, boolean withDefault) {
    private static final YearMonth FIRST = YearMonth.of(2024, 1);
    private static final int USERS = 50_000;

    /** One partition. */
    record Partition(String name, LocalDate lower, LocalDate upper, long firstId, long lastId) {}

    List<Partition> all() {
        long each = rows / partitions;
        return IntStream.range(0, partitions)
                .mapToObj(index -> {
                    YearMonth month = FIRST.plusMonths(index);
                    return new Partition(
                            String.format(Locale.ROOT, "event_%d_%02d", month.getYear(), month.getMonthValue()),
                            month.atDay(1),
                            month.plusMonths(1).atDay(1),
                            index * each + 1,
                            (index + 1) * each);
                })
                .toList();
    }

    List<String> create() {
        List<String> statements = new ArrayList<>(List.of(
                "CREATE SCHEMA bench",
                "CREATE TABLE bench.users (id bigint PRIMARY KEY, name text NOT NULL)",
                "INSERT INTO bench.users SELECT n, 'user ' || n FROM generate_series(1, " + USERS + ") AS n",
                """
                CREATE TABLE bench.event (
                    id bigint NOT NULL,
                    day date NOT NULL,
                    user_id bigint NOT NULL,
                    amount numeric(12, 2) NOT NULL,
                    kind text NOT NULL,
                    payload text
                ) PARTITION BY RANGE (day)"""));
        all().forEach(partition -> statements.addAll(List.of(
                "CREATE TABLE bench.%s PARTITION OF bench.event FOR VALUES FROM ('%s') TO ('%s')"
                        .formatted(partition.name(), partition.lower(), partition.upper()),
                """
                INSERT INTO bench.%s
                SELECT n, DATE '%s' + (n %% 28)::int, n * 7919 %% %d + 1, (n %% 99991) / 100.0,
                       (ARRAY['click', 'view', 'purchase', 'refund'])[1 + n %% 4], md5(n::text)
                FROM generate_series(%d::bigint, %d) AS n""".formatted(partition.name(), partition.lower(), USERS, partition.firstId(), partition.lastId()))));
        if (withDefault) {
            statements.add("CREATE TABLE bench.event_default PARTITION OF bench.event DEFAULT");
            statements.add("""
                    INSERT INTO bench.event_default
                    SELECT -n, DATE '2000-01-01', n, 1, 'click', NULL FROM generate_series(1, 1000) AS n""");
        }
        statements.addAll(keys("bench.event", "event"));
        statements.add("VACUUM (FREEZE, ANALYZE)");
        return statements;
    }

    static List<String> keys(String table, String prefix) {
        return List.of(
                "ALTER TABLE %s ADD CONSTRAINT %s_pkey PRIMARY KEY (id, day)".formatted(table, prefix),
                "CREATE INDEX %s_user_id_idx ON %s (user_id)".formatted(prefix, table),
                "ALTER TABLE %s ADD CONSTRAINT %s_user_id_fkey FOREIGN KEY (user_id) REFERENCES bench.users"
                        .formatted(table, prefix));
    }

    /** True when each row is there and in the new form. */
    String check(String table) {
        return "SELECT count(*) = %d AND count(*) FILTER (WHERE kind <> upper(kind)) = 0 FROM %s WHERE id > 0"
                .formatted(
                        all().stream()
                                .mapToLong(each -> each.lastId() - each.firstId() + 1)
                                .sum(),
                        table);
    }
}
