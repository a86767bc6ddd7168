package dev.neap.cli.preview;

import dev.neap.backfill.TableName;
import dev.neap.preflight.Finding;
import dev.neap.preview.ColumnChange;
import dev.neap.preview.NumberChange;
import dev.neap.preview.Preview;
import dev.neap.preview.Preview.ChangedValue;
import dev.neap.preview.Preview.KeyValue;
import dev.neap.preview.Preview.Kind;
import dev.neap.preview.Preview.SampleRow;
import dev.neap.preview.Scope;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/** Previews with all that is hard to show. */
public final class Previews {
    private Previews() {}

    /** A sample of a large unit: an odd name, values made to break a page or a terminal, a hidden column. */
    public static Preview sampled() {
        Scope scope = new Scope(false, 10_000, 1_204_332, 9_120.5);
        NumberChange amount = new NumberChange(
                new BigDecimal("50123.40"),
                new BigDecimal("55135.74"),
                3,
                new NumberChange.Differences(
                        6_120,
                        new BigDecimal("-40.00"),
                        new BigDecimal("0.10"),
                        new BigDecimal("0.80"),
                        new BigDecimal("1.90"),
                        new BigDecimal("700.25"),
                        new BigDecimal("0.8190098039215686"),
                        new NumberChange.Histogram(
                                2,
                                List.of(
                                        bar("-0.5", "0.0", 0),
                                        bar("0.0", "0.5", 1_500),
                                        bar("0.5", "1.0", 3_000),
                                        bar("1.0", "1.5", 1_000),
                                        bar("1.5", "2.0", 600),
                                        bar("2.0", "2.5", 0),
                                        bar("2.5", "3.0", 0),
                                        bar("3.0", "3.5", 17)),
                                1)));
        return new Preview(
                "fix <b>tax</b>",
                new TableName("public", "events"),
                new TableName("public", "events_2024_02"),
                "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
                scope,
                new Preview.Rows(scope.share(6_123), scope.share(3_874), scope.share(2), scope.share(3)),
                scope.share(12),
                List.of(
                        new ColumnChange(
                                "amount",
                                "numeric(12,2)",
                                false,
                                scope.share(6_123),
                                scope.share(1),
                                scope.share(0),
                                amount),
                        new ColumnChange(
                                "<img src=x onerror=alert(1)>",
                                "text",
                                false,
                                scope.share(4),
                                scope.share(0),
                                scope.share(2),
                                null),
                        new ColumnChange(
                                "email", "text", true, scope.share(10_000), scope.share(0), scope.share(0), null)),
                List.of(
                        new Preview.Samples(
                                Kind.CHANGED,
                                6_123,
                                List.of(
                                        row("17", "10.00", "11.00", "it's <script>alert(\"1\")</script> & more", null),
                                        row("18", "2.50", "2.75", "\u001b[31mred\u202e\nnext", "null"),
                                        row("19", null, "0.00", "", "x".repeat(197) + "..."))),
                        new Preview.Samples(Kind.BECOMES_NULL, 1, List.of(row("23", "1.00", null, "same", "same"))),
                        new Preview.Samples(Kind.ADDED, 2, List.of(whole("31", null, "4.50"))),
                        new Preview.Samples(Kind.GONE, 3, List.of(whole("32", "5.50", null)))),
                List.of("email"),
                List.of(Finding.error("already-right", "twice differs from once", "why", "fix")),
                Duration.ofMillis(420));
    }

    private static NumberChange.Bar bar(String from, String to, long count) {
        return new NumberChange.Bar(new BigDecimal(from), new BigDecimal(to), count);
    }

    /** A row that is only there before or after: no column of it changes. */
    private static SampleRow whole(String id, String before, String after) {
        return new SampleRow(
                List.of(new KeyValue("id", id), new KeyValue("at", "2024-02-03 04:05:06+00")),
                List.of(
                        new ChangedValue("amount", before, after, false, false),
                        new ChangedValue("<img src=x onerror=alert(1)>", null, null, false, false),
                        new ChangedValue("email", null, null, false, true)));
    }

    private static SampleRow row(String id, String before, String after, String one, String other) {
        return new SampleRow(
                List.of(new KeyValue("id", id), new KeyValue("at", "2024-02-03 04:05:06+00")),
                List.of(
                        new ChangedValue("amount", before, after, true, false),
                        new ChangedValue("<img src=x onerror=alert(1)>", one, other, !one.equals(other), false),
                        new ChangedValue("email", null, null, true, true)));
    }
}
