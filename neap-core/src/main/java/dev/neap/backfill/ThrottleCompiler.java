package dev.neap.backfill;

import dev.neap.backfill.BackfillSource.SignalSource;
import dev.neap.backfill.BackfillSource.ThrottleSource;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads `throttle`. */
final class ThrottleCompiler {
    private static final String SERVER = "throttle.server.";

    private final @Nullable ThrottleSource source;
    private final Settings settings;
    private final Complaint complaint;
    private final Predicate<String> written;
    private final Path folder;

    /**
     * @param written whether the file has a key
     * @param file the backfill file; a flag file's name is relative to its folder
     */
    ThrottleCompiler(
            @Nullable ThrottleSource source,
            Settings settings,
            Complaint complaint,
            Predicate<String> written,
            Path file) {
        this.source = source;
        this.settings = settings;
        this.complaint = complaint;
        this.written = written;
        this.folder = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
    }

    /** What it says; after a problem as much of it as makes sense. */
    Throttle throttle(ChosenProfile profile) {
        Throttle otherwise = profile.throttle();
        TimeLimit asked = source == null ? null : source.replicaLag();
        TimeLimit lag = settings.fromFile(
                "throttle.replica_lag", asked, new TimeLimit(otherwise.replicaLag()), profile.origin());
        return new Throttle(
                lag.limit(),
                asked == null ? otherwise.asked() : asked.limit() != null,
                otherwise.lockWaits(),
                own(),
                new CanaryCompiler(source == null ? null : source.canary(), settings, complaint).canary(),
                server(profile),
                source == null
                        ? Schedule.ALWAYS
                        : new ScheduleCompiler(settings, complaint).schedule(source.hours(), source.freeze()));
    }

    private ServerSignals server(ChosenProfile profile) {
        Map<String, String> given = source == null ? Map.of() : Objects.requireNonNullElse(source.server(), Map.of());
        Map<String, String> all = new TreeMap<>(profile.server());
        all.putAll(given);
        all.forEach((key, text) -> settings.fromFile(
                SERVER + key, given.containsKey(key) ? text.strip() : null, text.strip(), profile.origin()));
        return new ServerSignalsCompiler(SERVER, complaint)
                .signals(given, profile.throttle().server());
    }

    private List<OwnSignal> own() {
        List<SignalSource> given = source == null ? List.of() : Objects.requireNonNullElse(source.signals(), List.of());
        List<OwnSignal> own = new ArrayList<>();
        Set<String> names = new HashSet<>(Set.of("replica lag", "wait for a lock of Neap's", "hours", "latency"));
        Stream.of(ServerSignal.values()).map(ServerSignal::label).forEach(names::add);
        for (int i = 1; i <= given.size(); i++) {
            String path = "throttle.signals" + (written.test("throttle.signals.1") ? "." + i : "");
            SignalSource signal = given.get(i - 1);
            if (!names.add(signal.name())) {
                complaint.about(path + ".name", "there are two of this name; name one of them otherwise");
            } else {
                new OwnSignalCompiler(signal, path, settings, complaint, folder)
                        .signal()
                        .ifPresent(own::add);
            }
        }
        return own;
    }
}
