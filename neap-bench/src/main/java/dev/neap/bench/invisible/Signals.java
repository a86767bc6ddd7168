package dev.neap.bench.invisible;

import dev.neap.backfill.Canary;
import dev.neap.backfill.OwnSignal;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Schedule;
import dev.neap.backfill.ServerSignal;
import dev.neap.backfill.ServerSignals;
import dev.neap.backfill.Throttle;
import dev.neap.backfill.Times;
import dev.neap.backfill.WebAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The signals of prod, and what tells the run how the application fares. A limit is how many times as long it may take. */
final class Signals {
    private Signals() {}

    /** What the server tells: the application's statement times, how long commits take, and how long a canary does. */
    static Throttle ofServer(Times limit) {
        return throttle(limit, limit, List.of(), new Canary(Accounts.CANARY, warning(limit), limit));
    }

    /** What the application tells: its p99, by how many percent it is over what it was. */
    static Throttle ofP99(Times limit, WebAddress monitoring) {
        OwnSignal p99 = new OwnSignal(
                "p99",
                new OwnSignal.Prometheus(monitoring, "p99"),
                percentOver(warning(limit)),
                percentOver(limit),
                Duration.ofSeconds(1),
                false);
        return throttle(
                new Times(ServerSignal.STATEMENTS.limit()),
                new Times(ServerSignal.COMMITS.limit()),
                List.of(p99),
                null);
    }

    private static Throttle throttle(Times statements, Times commits, List<OwnSignal> own, @Nullable Canary canary) {
        Throttle prod = Throttle.of(Profile.PROD);
        Map<ServerSignal, Double> limits = new HashMap<>(prod.server().limits());
        limits.put(ServerSignal.STATEMENTS, statements.times());
        limits.put(ServerSignal.COMMITS, commits.times());
        return new Throttle(
                prod.replicaLag(),
                prod.asked(),
                prod.lockWaits(),
                own,
                canary,
                new ServerSignals(limits, Set.of(ServerSignal.STATEMENTS, ServerSignal.COMMITS)),
                Schedule.ALWAYS);
    }

    private static Times warning(Times limit) {
        return new Times((1 + limit.times()) / 2);
    }

    private static int percentOver(Times times) {
        return Math.max(1, (int) Math.round(100 * (times.times() - 1)));
    }
}
