package dev.neap.postgres;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.Database;
import dev.neap.postgres.signals.BeforeRun;
import dev.neap.postgres.signals.PostgresSignals;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Watched;
import java.sql.SQLException;

/** The signals of a process's runs on a database. */
final class RunSignals {
    private final Sessions sessions;
    private final BeforeRun before = new BeforeRun();

    RunSignals(Sessions sessions) {
        this.sessions = sessions;
    }

    /** Those of a run; before one, those that write nothing. */
    Watched of(Backfill backfill, long run, Batches batches) throws SQLException {
        boolean begins = run == Database.NO_RUN;
        String name = "neap run " + run;
        PostgresSignals signals = new PostgresSignals(
                name,
                () -> sessions.open(Sessions.Kind.CONTROL, name + " signals"),
                new NamedStandbys(backfill).watched(name),
                begins ? new BeforeRun() : before,
                batches);
        return begins ? signals.readOnly(backfill) : signals.of(backfill);
    }
}
