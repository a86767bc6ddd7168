package dev.neap.backfill;

import dev.neap.backfill.BackfillSource.SignalSource;
import dev.neap.backfill.BackfillSource.ThrottleSource;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads `throttle`. */
final class ThrottleCompiler {
    private static final Duration EVERY = Duration.ofSeconds(5);

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
    Throttle throttle(Profile profile) {
        TimeLimit asked = source == null ? null : source.replicaLag();
        TimeLimit lag = settings.fromFile(
                "throttle.replica_lag",
                asked,
                new TimeLimit(Throttle.of(profile).replicaLag()),
                "profile " + profile.label());
        return new Throttle(
                lag.limit(),
                asked != null && asked.limit() != null,
                Throttle.of(profile).lockWaits(),
                own(),
                new ServerSignalsCompiler(settings, complaint)
                        .signals(
                                source == null ? Map.of() : Objects.requireNonNullElse(source.server(), Map.of()),
                                Throttle.of(profile).server()),
                source == null
                        ? Schedule.ALWAYS
                        : new ScheduleCompiler(settings, complaint).schedule(source.hours(), source.freeze()));
    }

    private List<OwnSignal> own() {
        List<SignalSource> given = source == null ? List.of() : Objects.requireNonNullElse(source.signals(), List.of());
        List<OwnSignal> own = new ArrayList<>();
        Set<String> names = new HashSet<>(Set.of("replica lag", "wait for a lock of Neap's", "hours"));
        Stream.of(ServerSignal.values()).map(ServerSignal::label).forEach(names::add);
        for (int i = 1; i <= given.size(); i++) {
            String path = "throttle.signals" + (written.test("throttle.signals.1") ? "." + i : "");
            SignalSource signal = given.get(i - 1);
            if (!names.add(signal.name())) {
                complaint.about(path + ".name", "there are two of this name; name one of them otherwise");
            } else if (fits(signal, path)) {
                own.add(own(signal, path));
            }
        }
        return own;
    }

    private boolean fits(SignalSource signal, String path) {
        Integer limit = signal.limit();
        Integer warning = signal.warning();
        Duration every = signal.every();
        if ((signal.sql() == null) == (signal.file() == null)) {
            complaint.about(path, "it is a query or a file; write either sql or file");
        } else if (signal.file() != null && (limit != null || warning != null)) {
            complaint.about(path + ".file", "a file is there or not; leave out limit and warning");
        } else if (signal.sql() != null && limit == null) {
            complaint.about(path, "a query needs a limit: the value from which on nothing is written");
        } else if (limit != null && warning != null && warning > limit) {
            complaint.about(path + ".warning", "it comes before the limit, which is " + limit);
        } else if (every != null && every.compareTo(OwnSignal.LEAST) < 0) {
            complaint.about(path + ".every", "write 500ms or more");
        } else {
            return true;
        }
        return false;
    }

    private OwnSignal own(SignalSource signal, String path) {
        String file = signal.file();
        int limit = Objects.requireNonNullElse(signal.limit(), 1);
        int warning = Objects.requireNonNullElse(signal.warning(), Math.max(1, limit / 2));
        Duration every = settings.fromFile(path + ".every", signal.every(), EVERY, "default");
        settings.note(path + ".name", signal.name());
        if (signal.sql() == null) {
            settings.note(path + ".file", String.valueOf(file));
        } else {
            settings.note(path + ".sql", signal.sql().strip());
            settings.note(path + ".limit", String.valueOf(limit));
            settings.fromFile(path + ".warning", signal.warning(), warning, "half of the limit");
        }
        return new OwnSignal(
                signal.name(), signal.sql(), file == null ? null : folder.resolve(file), warning, limit, every);
    }
}
