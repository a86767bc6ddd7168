package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;

/** Merges of a ledger. */
final class Merges {
    private Merges() {}

    static Backfill merging(Ledger ledger) {
        Backfill backfill = ledger.backfill();
        return backfill.with(backfill.rebuild().with(Cutover.MERGE));
    }

    static Neap neap(Ledger ledger, Tuning tuning, Probe probe) {
        return new Neap(new PostgresDialect(), ledger.server.target(ledger.database), tuning, probe);
    }

    static RunResult run(Ledger ledger, Backfill backfill, Tuning tuning, Probe probe) {
        Neap neap = neap(ledger, tuning, probe);
        Plan plan = neap.plan(backfill);
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        RunListener listener = ledger.events::add;
        return neap.run(plan, listener, new Stop());
    }

    static void done(Ledger ledger, Backfill backfill, Probe probe) {
        RunResult result = run(ledger, backfill, Ledger.QUICK, probe);
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2")).isZero();
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap%'"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'neap\\_%'"))
                .as("nothing was replaced, so nothing is kept")
                .isZero();
    }
}
