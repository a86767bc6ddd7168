package dev.neap.postgres.preview;

import dev.neap.backfill.Rebuild;
import dev.neap.backfill.SourceRecompute;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.TableFinder;
import dev.neap.preflight.Finding;
import dev.neap.preview.Bars;
import dev.neap.preview.ColumnChange;
import dev.neap.preview.NumberChange;
import dev.neap.preview.Preview;
import dev.neap.preview.Preview.ChangedValue;
import dev.neap.preview.Preview.KeyValue;
import dev.neap.preview.Preview.Kind;
import dev.neap.preview.Preview.SampleRow;
import dev.neap.preview.PreviewRequest;
import dev.neap.preview.Scope;
import dev.neap.preview.Share;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One look at one unit, inside one read-only transaction. Used once. */
final class Look {
    private final Connection connection;
    private final Plan plan;
    private final PlannedUnit unit;
    private final PreviewRequest request;

    Look(Connection connection, Plan plan, PlannedUnit unit, PreviewRequest request) {
        this.connection = connection;
        this.plan = plan;
        this.unit = unit;
        this.request = request;
    }

    Preview look() throws SQLException {
        long began = System.nanoTime();
        LiveTable partition = new TableFinder(connection).find(unit.partition());
        Rebuild rebuild = plan.backfill().rebuild();
        SourceRecompute source = rebuild.source();
        SourcePairs pairs = source == null ? null : SourcePairs.of(connection, partition, source, unit.bound());
        Measured measured = pairs == null
                ? Measured.of(connection, partition, rebuild, request)
                : Measured.whole(connection, partition, pairs.key(), request);
        if (pairs != null) {
            pairs.requireRows(connection, unit.bound(), request);
        }
        CompareSql sql = new CompareSql(partition, rebuild, measured, pairs);
        // What comes from other tables cannot be cut into a sample: which rows are new only all of them tell.
        boolean all = request.full() || pairs != null;
        RowSource.Chosen bounded = pairs == null
                ? RowSource.sample(connection, partition, request.sampleRows(), unit.rowsEstimated())
                : new RowSource.Chosen(RowSource.EVERY_ROW, new Scope(true, 0, 0, 0));
        RowSource rows = all ? RowSource.EVERY_ROW : bounded.source();
        Totals totals = PlainSql.list(connection, sql.totals(rows), row -> Totals.read(row, measured))
                .get(0);
        Scope scope = all ? new Scope(true, totals.rows(), totals.rows(), totals.rows()) : bounded.scope();
        List<ColumnChange> columns = columns(measured, totals, scope, histograms(sql, rows, totals));
        boolean predicate = rebuild.alreadyRight() != null;
        return new Preview(
                plan.backfill().name(),
                plan.backfill().rebuild().table(),
                unit.partition(),
                unit.bound(),
                scope,
                new Preview.Rows(
                        scope.share(totals.changed()),
                        scope.share(totals.rows() - totals.changed() - totals.of(Kind.GONE)),
                        Share.exact(totals.of(Kind.ADDED), totals.rows()),
                        Share.exact(totals.of(Kind.GONE), totals.rows())),
                predicate ? scope.share(totals.right()) : null,
                columns,
                samples(sql, rows, bounded.source(), measured, totals),
                measured.hidden(),
                plan.findings().stream()
                        .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                        .toList(),
                Duration.ofNanos(System.nanoTime() - began));
    }

    /** What lies where, by the column's place. */
    private Map<Integer, NumberChange.Histogram> histograms(CompareSql sql, RowSource rows, Totals totals)
            throws SQLException {
        Map<Integer, Bars> bars = new LinkedHashMap<>();
        for (int i = 0; i < totals.columns().size(); i++) {
            Totals.Numbers numbers = totals.columns().get(i).numbers();
            if (numbers != null && numbers.spread() != null) {
                Totals.Spread s = numbers.spread();
                bars.put(i, Bars.over(s.min(), s.p5(), s.p95(), s.max()));
            }
        }
        Map<Integer, NumberChange.Histogram> histograms = new LinkedHashMap<>();
        if (bars.isEmpty()) {
            return histograms;
        }
        Map<Integer, long[]> counts = new LinkedHashMap<>();
        bars.forEach((column, of) -> counts.put(column, new long[of.count() + 2]));
        List<Filled> filled = PlainSql.list(
                connection,
                sql.histograms(rows, bars),
                row -> new Filled(row.getInt(1), row.getInt(2), row.getLong(3)));
        for (Filled bar : filled) {
            Objects.requireNonNull(counts.get(bar.column))[bar.number] = bar.rows;
        }
        bars.forEach((column, of) -> histograms.put(column, histogram(of, Objects.requireNonNull(counts.get(column)))));
        return histograms;
    }

    /** A bar that is not empty. */
    private record Filled(int column, int number, long rows) {}

    private static NumberChange.Histogram histogram(Bars bars, long... counts) {
        List<NumberChange.Bar> drawn = new ArrayList<>();
        for (int i = 0; i < bars.count(); i++) {
            drawn.add(new NumberChange.Bar(bars.edge(i), bars.edge(i + 1), counts[i + 1]));
        }
        return new NumberChange.Histogram(counts[0], drawn, counts[bars.count() + 1]);
    }

    private static List<ColumnChange> columns(
            Measured measured, Totals totals, Scope scope, Map<Integer, NumberChange.Histogram> histograms) {
        List<ColumnChange> columns = new ArrayList<>();
        for (int i = 0; i < measured.columns().size(); i++) {
            Measured.Column column = measured.columns().get(i);
            Totals.OfColumn seen = totals.columns().get(i);
            if (column.quiet() && seen.changed() == 0) {
                continue;
            }
            Totals.Numbers numbers = seen.numbers();
            columns.add(new ColumnChange(
                    column.name(),
                    column.column().type(),
                    column.generated(),
                    scope.share(seen.changed()),
                    scope.share(seen.nullsAppear()),
                    scope.share(seen.nullsDisappear()),
                    numbers == null ? null : numbers.with(histograms.get(i))));
        }
        return columns;
    }

    /** Rows to show: of the bounded sample, which is cheap; where a kind is too rare for it, of all. */
    private List<Preview.Samples> samples(
            CompareSql sql, RowSource rows, RowSource bounded, Measured measured, Totals totals) throws SQLException {
        List<Preview.Samples> samples = new ArrayList<>();
        for (Map.Entry<Kind, Long> kind : totals.kinds().entrySet()) {
            if (kind.getValue() == 0) {
                continue;
            }
            List<SampleRow> shown = shown(sql, bounded, kind.getKey(), measured, totals);
            boolean more = shown.size() < Math.min(kind.getValue(), CompareSql.SHOWN);
            if (more && !rows.equals(bounded)) {
                shown = shown(sql, rows, kind.getKey(), measured, totals);
            }
            samples.add(new Preview.Samples(kind.getKey(), kind.getValue(), shown));
        }
        return samples;
    }

    private List<SampleRow> shown(CompareSql sql, RowSource rows, Kind kind, Measured measured, Totals totals)
            throws SQLException {
        return PlainSql.list(connection, sql.shown(rows, kind), row -> shown(row, measured, totals));
    }

    private static SampleRow shown(ResultSet row, Measured measured, Totals totals) throws SQLException {
        int at = 1;
        List<KeyValue> key = new ArrayList<>();
        if (measured.key().isEmpty()) {
            key.add(new KeyValue("ctid", row.getString(at++)));
        }
        for (String column : measured.key()) {
            key.add(new KeyValue(column, row.getString(at++)));
        }
        List<ChangedValue> values = new ArrayList<>();
        for (int i = 0; i < measured.columns().size(); i++, at += 3) {
            Measured.Column column = measured.columns().get(i);
            if (!column.quiet() || totals.columns().get(i).changed() > 0) {
                values.add(new ChangedValue(
                        column.name(),
                        row.getString(at),
                        row.getString(at + 1),
                        row.getBoolean(at + 2),
                        column.hidden()));
            }
        }
        return new SampleRow(key, values);
    }
}
