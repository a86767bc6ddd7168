package dev.neap.cli;

import dev.neap.backfill.TableName;
import dev.neap.dialect.Difference.Kind;
import dev.neap.verify.Claim;
import dev.neap.verify.Mismatch;
import dev.neap.verify.Sample;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Reports of a verification, made up. */
final class VerifyReports {
    /** The backfill file that they are about. */
    static final String FILL = """
            backfill: split
            connection: ${DATABASE_URL}
            fill:
              from: users_legacy
              into: users
              set: { id: id, name: lower(full_name) }
              expect: { name: translate(full_name) }
            """;

    /** The same without an expectation. */
    static final String PLAIN = FILL.replaceFirst("(?m)^  expect:.*\\n", "");

    private static final TableName FROM = new TableName("public", "users_legacy");
    private static final TableName INTO = new TableName("public", "users");

    private VerifyReports() {}

    static VerifyReport report(TableReport.Rows rows, Map<Kind, Long> found, List<Mismatch> named) {
        return report(Scope.EVERY_ROW, rows, found, named, null);
    }

    static VerifyReport report(
            Scope scope, TableReport.Rows rows, Map<Kind, Long> found, List<Mismatch> named, Sample sample) {
        return report(scope, rows, found, named, null, sample);
    }

    static Map<Kind, Long> every(Map<Kind, Long> counts) {
        Map<Kind, Long> all = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            all.put(kind, counts.getOrDefault(kind, 0L));
        }
        return all;
    }

    static VerifyReport report(
            Scope scope,
            TableReport.Rows rows,
            Map<Kind, Long> found,
            List<Mismatch> named,
            TableReport.Fix fix,
            Sample sample) {
        return new VerifyReport(
                "split",
                List.of(new TableReport(
                        FROM,
                        INTO,
                        false,
                        scope,
                        List.of(
                                new Claim(List.of("id"), Claim.Basis.TRANSFORM),
                                new Claim(List.of("name"), Claim.Basis.EXPECT)),
                        rows,
                        every(found),
                        named,
                        List.of(),
                        fix,
                        sample)),
                List.of(),
                Duration.ofSeconds(12));
    }
}
