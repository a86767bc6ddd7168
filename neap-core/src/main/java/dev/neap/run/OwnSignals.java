package dev.neap.run;

import dev.neap.backfill.Environment;
import dev.neap.backfill.OwnSignal;
import dev.neap.backfill.Throttle;
import dev.neap.backfill.WebAddress;
import dev.neap.throttle.FlagFile;
import dev.neap.throttle.HttpSignal;
import dev.neap.throttle.Limits;
import dev.neap.throttle.PrometheusSignal;
import dev.neap.throttle.Signal;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The signals of a backfill that need no database: the calendar, files, and what is asked over HTTP. */
final class OwnSignals {
    private OwnSignals() {}

    /**
     * Those that are on.
     *
     * @param clock what hours go by
     */
    static List<Signal> of(Throttle throttle, Clock clock) {
        List<Signal> signals = new ArrayList<>();
        if (!throttle.schedule().always()) {
            signals.add(new OpenHours(throttle.schedule(), clock));
        }
        throttle.own().forEach(own -> signal(own).ifPresent(signals::add));
        return signals;
    }

    /** A query of the database is read by the dialect. */
    private static Optional<Signal> signal(OwnSignal own) {
        if (own.source() instanceof OwnSignal.File file) {
            return Optional.of(new FlagFile(own.name(), file.file(), own.every()));
        }
        if (own.source() instanceof OwnSignal.Http http) {
            WebAddress.Target target = http.http().target(Environment.system());
            return Optional.of(new HttpSignal(own.name(), target.uri(), target.header(), own.every()));
        }
        if (own.source() instanceof OwnSignal.Prometheus prometheus) {
            WebAddress.Target target = prometheus.prometheus().target(Environment.system());
            Limits limits =
                    new Limits(own.name(), Limits.Unit.COUNT, own.warning(), own.limit(), own.every(), Duration.ZERO);
            return Optional.of(new PrometheusSignal(target.uri(), target.header(), prometheus.query(), limits));
        }
        return Optional.empty();
    }
}
