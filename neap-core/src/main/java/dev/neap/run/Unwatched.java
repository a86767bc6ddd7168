package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.OwnSignal;
import dev.neap.backfill.Profile;
import dev.neap.backfill.ServerSignal;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Watching;
import java.util.ArrayList;
import java.util.List;

/** What nobody looks at while a run goes on, by its file alone: in staging and in production that is a finding. */
final class Unwatched {
    /** With a larger budget nothing that goes wrong here and there ends a run. */
    private static final double LARGEST_BUDGET = 0.01;

    private Unwatched() {}

    /** What was seen; empty when all is well. */
    static List<Finding> findings(Backfill backfill) {
        List<Finding> findings = new ArrayList<>();
        if (backfill.profile() == Profile.DEV) {
            return findings;
        }
        boolean lag = backfill.throttle().replicaLag() != null;
        if (!lag) {
            findings.add(Watching.lag(
                    "no replica's lag is watched: the file says throttle.replica_lag: none",
                    "take that out; where another system tells the lag, give it as a signal and say so in an answer"));
        }
        if (!seesLoad(backfill)) {
            findings.add(Watching.load(
                    "add signals of them with load: true, by prometheus, or by sql where the server can be asked, to"
                            + " throttle.signals; where Neap runs on the server's own machine, throttle: { server: {"
                            + " cpu: 80%, disk_wait: 20ms } }"));
        }
        if (backfill.profile() == Profile.PROD) {
            if (lag && backfill.breaker().replicaLag() == null) {
                findings.add(breaker(
                        "no lag of a replica ends the run: the file says breaker.replica_lag: none",
                        "the run waits for a replica as long as it stays behind, and nobody is told",
                        "take that out"));
            }
            if (backfill.breaker().errorBudget() > LARGEST_BUDGET) {
                findings.add(breaker(
                        "breaker.error_budget is over 1 %",
                        "of a million rows more than 10,000 may be wrong or set aside before the run ends",
                        "take that out, or write a smaller share"));
            }
        }
        return findings;
    }

    private static boolean seesLoad(Backfill backfill) {
        return backfill.throttle().own().stream().anyMatch(OwnSignal::load)
                || backfill.throttle().server().limits().keySet().stream().anyMatch(ServerSignal::ofMachine);
    }

    private static Finding breaker(String what, String why, String fix) {
        return Finding.warning("breaker", what, why, fix);
    }
}
