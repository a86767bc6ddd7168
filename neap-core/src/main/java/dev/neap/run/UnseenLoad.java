package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.OwnSignal;
import dev.neap.backfill.ServerSignal;
import dev.neap.preflight.Finding;
import java.util.List;

/** In production a server whose CPU and I/O nobody looks at is a finding like any other. */
final class UnseenLoad {
    private UnseenLoad() {}

    /** What was seen; empty when all is well. */
    static List<Finding> findings(Backfill backfill) {
        boolean seen = backfill.throttle().own().stream()
                        .map(OwnSignal::source)
                        .anyMatch(source -> source instanceof OwnSignal.Prometheus || source instanceof OwnSignal.Sql)
                || backfill.throttle().server().limits().keySet().stream().anyMatch(ServerSignal::ofMachine);
        return seen || !backfill.profile().asksForApproval()
                ? List.of()
                : List.of(
                        Finding.warning(
                                "load",
                                "no signal tells the run of the server's CPU and I/O",
                                "the server itself does not tell them, so the run cannot slow down for them",
                                "add signals by prometheus, or by sql where the server can be asked, to throttle.signals; where"
                                        + " Neap runs on the server's own machine, throttle: { server: { cpu: 80%, disk_wait: 20ms } }"));
    }
}
