package dev.neap.postgres.planning;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A database to plan in, and backfills to plan. */
final class Planning {
    final PostgresServer server;
    final String database;

    Planning(PostgresServer server, String database) {
        this.server = server;
        this.database = server.createDatabase(database);
    }

    void execute(String... statements) {
        server.execute(database, statements);
    }

    /** Monthly partitions of 2024, 200 rows in each, and a default one. */
    Planning withEvents() {
        execute("""
                CREATE TABLE events (
                    id bigint NOT NULL, at timestamptz NOT NULL, amount numeric(10,2) NOT NULL, label varchar(10),
                    version int NOT NULL DEFAULT 1, doubled numeric GENERATED ALWAYS AS (amount * 2) STORED,
                    PRIMARY KEY (id, at)) PARTITION BY RANGE (at)
                """, """
                DO $$ BEGIN
                  FOR m IN 1..12 LOOP
                    EXECUTE format('CREATE TABLE events_%s PARTITION OF events FOR VALUES FROM (%L) TO (%L)',
                      to_char(m, 'FM00'), make_date(2024, m, 1), make_date(2024, m, 1) + interval '1 month');
                  END LOOP;
                END $$
                """, "CREATE TABLE events_rest PARTITION OF events DEFAULT", """
                INSERT INTO events
                SELECT i, timestamptz '2024-01-01Z' + make_interval(months => (i % 12)::int, mins => (i % 40000)::int),
                       i % 100, 'label'
                FROM generate_series(1, 2400) AS i
                """, "ANALYZE events");
        return this;
    }

    Connection connect() throws SQLException {
        return session(server.connect(database));
    }

    Connection connect(String user) throws SQLException {
        return session(server.connect(database, user));
    }

    private static Connection session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'");
        }
        return connection;
    }

    Plan plan(Backfill backfill) throws SQLException {
        try (Connection connection = connect()) {
            return new PostgresPlanner(connection, StepSqlSource.NONE).plan(backfill);
        }
    }

    static Declared declared(String table) {
        return declared("public", table);
    }

    static Declared declared(String schema, String table) {
        return new Declared(new TableName(schema, table));
    }

    static List<Finding> named(Plan plan, String check) {
        return plan.findings().stream().filter(f -> f.check().equals(check)).toList();
    }

    /** A backfill, declared piece by piece. */
    static final class Declared {
        private final TableName table;
        private final Map<String, String> set = new LinkedHashMap<>();
        private PartitionRange partitions = PartitionRange.all();
        private @Nullable String alreadyRight;
        private LiveWrites writes = LiveWrites.CAPTURE;
        private ApplicationWrites applicationWrites = ApplicationWrites.OLD;
        private Pace pace = Pace.unlimited();
        private final Map<String, String> assertions = new LinkedHashMap<>();
        private List<String> replicas = List.of();

        private Declared(TableName table) {
            this.table = table;
        }

        Declared set(String column, String sql) {
            set.put(column, sql);
            return this;
        }

        Declared between(@Nullable String from, @Nullable String to) {
            partitions = new PartitionRange(from, to, partitions.order());
            return this;
        }

        Declared oldestFirst() {
            partitions = new PartitionRange(partitions.from(), partitions.to(), PartitionRange.Order.OLDEST_FIRST);
            return this;
        }

        Declared alreadyRight(String predicate) {
            alreadyRight = predicate;
            return this;
        }

        Declared noWrites() {
            writes = LiveWrites.NONE;
            return this;
        }

        Declared applicationWrites(ApplicationWrites form) {
            applicationWrites = form;
            return this;
        }

        Declared pace(Pace pace) {
            this.pace = pace;
            return this;
        }

        Declared assertion(String name, String sql) {
            assertions.put(name, sql);
            return this;
        }

        Declared replicas(String... urls) {
            replicas = List.of(urls);
            return this;
        }

        Backfill backfill() {
            if (set.isEmpty()) {
                set.put("amount", "round(abs(amount))");
            }
            Rebuild rebuild =
                    new Rebuild(table, partitions, set, alreadyRight, applicationWrites, writes, Duration.ofDays(7));
            return new Backfill("fix", Profile.PROD, rebuild, pace, 1_000, 3, assertions, replicas);
        }
    }
}
