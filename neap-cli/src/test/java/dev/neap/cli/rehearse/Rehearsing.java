package dev.neap.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.dialect.Database;
import dev.neap.dialect.Practice;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rehearse.CopyRequest;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** A rehearsal, or its account alone. */
final class Rehearsing {
    private Rehearsing() {}

    static Rehearsal.Result rehearse(Path file, CopyRequest request, Duration kills, Consumer<String> tell) {
        return rehearse(file, request, kills, Performance.GRACE, tell);
    }

    static Rehearsal.Result rehearse(
            Path file, CopyRequest request, Duration kills, Duration grace, Consumer<String> tell) {
        BackfillFile backfill = BackfillFile.read(file, Environment.system());
        var source = backfill.target(Environment.system());
        Plan plan = new Neap(new PostgresDialect(), source, Tuning.DEFAULT, Probe.NONE).plan(backfill.backfill());
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        return new Rehearsal(file, plan, source, request, kills, grace, 7, tell)
                .run("", false, Instant.parse("2025-01-31T12:00:00Z"));
    }

    /** Begins the account of the file's table in the database itself, which no run writes. */
    static void practise(PostgresServer server, String database, Path file, Consumer<Practice> body) {
        BackfillFile backfill = BackfillFile.read(file, Environment.system());
        try (Database copy = new PostgresDialect().open(server.target(database), Tuning.DEFAULT)) {
            Practice practice = copy.practice(backfill.backfill());
            practice.begin();
            body.accept(practice);
        }
    }
}
