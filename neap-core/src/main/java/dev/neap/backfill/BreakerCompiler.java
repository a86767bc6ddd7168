package dev.neap.backfill;

import dev.neap.backfill.BackfillSource.BreakerSource;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads `breaker`. */
final class BreakerCompiler {
    private final @Nullable BreakerSource source;
    private final Settings settings;
    private final Complaint complaint;

    BreakerCompiler(@Nullable BreakerSource source, Settings settings, Complaint complaint) {
        this.source = source;
        this.settings = settings;
        this.complaint = complaint;
    }

    /** What it says; after a problem as much of it as makes sense. */
    BreakerLimits breaker(Throttle throttle, @Nullable Strategy strategy, ChosenProfile profile) {
        BreakerLimits otherwise = BreakerLimits.of(throttle);
        Share ofProfile = profile.errorBudget();
        Share budget = settings.fromFile(
                "breaker.error_budget",
                source == null ? null : source.errorBudget(),
                ofProfile == null ? new Share(otherwise.errorBudget()) : ofProfile,
                ofProfile == null ? "default" : profile.origin());
        TimeLimit asked = source == null ? null : source.replicaLag();
        TimeLimit lag =
                settings.fromFile("breaker.replica_lag", asked, new TimeLimit(otherwise.replicaLag()), "default");
        Duration waitsAt = throttle.replicaLag();
        if (asked != null
                && asked.limit() != null
                && (waitsAt == null || asked.limit().compareTo(waitsAt) < 0)) {
            complaint.about(
                    "breaker.replica_lag",
                    waitsAt == null
                            ? "lag is not watched; write throttle: { replica_lag: … } too"
                            : "it comes after throttle.replica_lag, which is " + Durations.write(waitsAt));
        }
        int timeouts = lockTimeouts(strategy);
        OnBreaker then = settings.fromFile(
                "breaker.on_breaker", source == null ? null : source.onBreaker(), OnBreaker.STOP, "default");
        if (then == OnBreaker.UNDO && !(strategy instanceof Rebuild rebuild && !rebuild.merges())) {
            complaint.about(
                    "breaker.on_breaker", "there is nothing to put back but what a rebuild swapped; leave it out");
        }
        String webhook = source == null ? null : source.webhook();
        return new BreakerLimits(
                budget.share(),
                lag.limit(),
                timeouts,
                webhook == null
                        ? null
                        : new WebAddressCompiler(settings, complaint).address("breaker.webhook", webhook),
                then);
    }

    /** Of a rebuild it says nothing, so it is no setting there. */
    private int lockTimeouts(@Nullable Strategy strategy) {
        Integer asked = source == null ? null : source.lockTimeouts();
        if (strategy instanceof Rebuild) {
            if (asked != null) {
                complaint.about(
                        "breaker.lock_timeouts",
                        "it is about a fill's batches; a swap that gets no lock is tried again and then set aside");
            }
            return BreakerLimits.LOCK_TIMEOUTS;
        }
        return Math.max(1, settings.fromFile("breaker.lock_timeouts", asked, BreakerLimits.LOCK_TIMEOUTS, "default"));
    }
}
