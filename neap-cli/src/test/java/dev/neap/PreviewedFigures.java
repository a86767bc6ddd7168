package dev.neap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.postgres.PostgresDialect;
import dev.neap.preview.ColumnChange;
import dev.neap.preview.Preview;
import dev.neap.preview.PreviewRequest;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.testkit.PostgresServer;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Looks at whole partitions before a run, and compares what was said of them with what the run then did. */
final class PreviewedFigures {
    /** More partitions than these are not looked at: the first, the last, and some between. */
    private static final int MOST = 8;

    private final PostgresServer server;
    private final String database;
    private final BackfillFile file;
    private final List<Preview> previews = new ArrayList<>();
    private String column = "";

    PreviewedFigures(PostgresServer server, String database, Path file) {
        this.server = server;
        this.database = database;
        this.file = BackfillFile.read(file, Environment.system());
    }

    void look(String numbers) {
        column = numbers;
        Neap neap = new Neap(new PostgresDialect(), server.target(database), Tuning.DEFAULT, Probe.NONE);
        Plan plan = neap.plan(file.backfill());
        int units = plan.units().size();
        for (int i = 0; i < Math.min(units, MOST); i++) {
            PlannedUnit unit = plan.units().get(units <= MOST ? i : i * (units - 1) / (MOST - 1));
            previews.add(neap.preview(
                    file.backfill(), new PreviewRequest(unit.partition().sql(), 1_000, true, Set.of())));
        }
    }

    /** What the run did is seen in the rows as they were and as they are, without any of Neap's own SQL. */
    void assertDone(String before, String now, String key) {
        assertThat(previews).hasSizeGreaterThanOrEqualTo(7);
        for (Preview preview : previews) {
            String partition = preview.unit().sql();
            String rows = " FROM " + before + " b JOIN " + partition + " a USING (" + key + ")";
            assertThat(preview.scope().rowsLooked()).as(partition).isEqualTo(number("SELECT count(*)" + rows));
            assertThat(preview.rows().added().count() + preview.rows().gone().count())
                    .as(partition)
                    .isEqualTo(number("SELECT abs(count(*) - (SELECT count(*)" + rows + ")) FROM " + partition));
            for (ColumnChange change : preview.columns()) {
                String name = change.column();
                assertThat(change.changed().count())
                        .as("%s of %s", name, partition)
                        .isEqualTo(
                                number("SELECT count(*)" + rows + " WHERE b." + name + " IS DISTINCT FROM a." + name));
                assertThat(change.nullsAppear().count()
                                + change.nullsDisappear().count())
                        .as("%s of %s", name, partition)
                        .isEqualTo(number("SELECT count(*)" + rows + " WHERE (b." + name + " IS NULL) <> (a." + name
                                + " IS NULL)"));
            }
            assertSums(preview, partition, rows);
        }
        long said = previews.stream().mapToLong(p -> p.rows().changed().count()).sum();
        assertThat(said).as("changes seen before they were made in " + now).isPositive();
    }

    private void assertSums(Preview preview, String partition, String rows) {
        ColumnChange change = preview.columns().stream()
                .filter(c -> c.column().equals(column))
                .findFirst()
                .orElseThrow();
        assertThat(Objects.requireNonNull(change.numbers()).sumBefore())
                .as(partition)
                .isEqualByComparingTo(decimal("SELECT coalesce(sum(b." + column + "), 0)" + rows));
        assertThat(change.numbers().sumAfter())
                .as(partition)
                .isEqualByComparingTo(decimal("SELECT coalesce(sum(a." + column + "), 0)" + rows));
    }

    private long number(String sql) {
        return decimal(sql).longValueExact();
    }

    private BigDecimal decimal(String sql) {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement();
                ResultSet rs = s.executeQuery(sql)) {
            rs.next();
            return rs.getBigDecimal(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
