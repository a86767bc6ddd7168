package dev.neap.postgres.preview;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.preview.ColumnChange;
import dev.neap.preview.Preview;
import dev.neap.preview.PreviewRequest;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A database with one table, and what is to be previewed of it. */
final class Previewed {
    final PostgresServer server;
    final String database;
    final Map<String, String> set = new LinkedHashMap<>();

    @Nullable
    String alreadyRight;

    Previewed(PostgresServer server, String database, String... statements) {
        this.server = server;
        this.database = server.createDatabase(database);
        server.execute(this.database, statements);
    }

    Previewed set(String column, String sql) {
        set.put(column, sql);
        return this;
    }

    Backfill backfill() {
        Rebuild rebuild = new Rebuild(
                new TableName("public", "t"),
                PartitionRange.all(),
                set,
                alreadyRight,
                ApplicationWrites.OLD,
                LiveWrites.NONE,
                Duration.ofDays(7));
        return new Backfill("fix", Profile.DEV, rebuild, Pace.unlimited(), 1_000, 3, Map.of(), java.util.List.of());
    }

    Engine engine() {
        return new Neap(new PostgresDialect(), server.target(database), Tuning.DEFAULT, Probe.NONE);
    }

    Preview full() {
        return engine().preview(backfill(), new PreviewRequest(null, 1_000, true, Set.of()));
    }

    Preview bounded(int rows) {
        return engine().preview(backfill(), new PreviewRequest(null, rows, false, Set.of()));
    }

    RunResult run() {
        Plan plan = engine().plan(backfill());
        if (plan.refused()) {
            throw new IllegalStateException(plan.findings().toString());
        }
        return engine().run(plan, event -> {}, new Stop());
    }

    static ColumnChange column(Preview preview, String name) {
        return preview.columns().stream()
                .filter(column -> column.column().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + preview.columns()));
    }

    BigDecimal decimal(String sql) {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement();
                ResultSet rs = s.executeQuery(sql)) {
            rs.next();
            return rs.getBigDecimal(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    long number(String sql) {
        return decimal(sql).longValueExact();
    }
}
