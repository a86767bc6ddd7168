package dev.neap.backfill;

import dev.neap.backfill.BackfillSource.SignalSource;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads one of `throttle.signals`. */
final class OwnSignalCompiler {
    private static final Duration EVERY = Duration.ofSeconds(5);

    private final SignalSource source;
    private final String path;
    private final Settings settings;
    private final Complaint complaint;
    private final Path folder;

    /**
     * @param path its place in the file
     * @param folder what a flag file's name is relative to
     */
    OwnSignalCompiler(SignalSource source, String path, Settings settings, Complaint complaint, Path folder) {
        this.source = source;
        this.path = path;
        this.settings = settings;
        this.complaint = complaint;
        this.folder = folder;
    }

    /** The signal; empty after a problem. */
    Optional<OwnSignal> signal() {
        return fits() ? Optional.ofNullable(asked()).map(this::signal) : Optional.empty();
    }

    private boolean fits() {
        Integer limit = source.limit();
        Integer warning = source.warning();
        Duration every = source.every();
        boolean flag = source.file() != null || source.http() != null;
        if (Stream.of(source.sql(), source.prometheus(), source.file(), source.http())
                        .filter(Objects::nonNull)
                        .count()
                != 1) {
            complaint.about(path, "it asks one thing; write one of sql, prometheus, http and file");
        } else if ((source.prometheus() == null) != (source.query() == null)) {
            complaint.about(path, "prometheus and query go together: where it is, and what it is asked");
        } else if (flag && (limit != null || warning != null)) {
            complaint.about(path, "a file or a status is on or off; leave out limit and warning");
        } else if (!flag && limit == null) {
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

    private OwnSignal.@Nullable Source asked() {
        String sql = source.sql();
        String file = source.file();
        String http = source.http();
        if (sql != null) {
            settings.note(path + ".sql", sql.strip());
            return new OwnSignal.Sql(sql);
        }
        if (file != null) {
            settings.note(path + ".file", file);
            return new OwnSignal.File(folder.resolve(file));
        }
        if (http != null) {
            WebAddress address = address("http", http);
            return address == null ? null : new OwnSignal.Http(address);
        }
        WebAddress address = address("prometheus", Objects.requireNonNull(source.prometheus()));
        String query = Objects.requireNonNull(source.query());
        settings.note(path + ".query", query.strip());
        return address == null ? null : new OwnSignal.Prometheus(address, query.strip());
    }

    private @Nullable WebAddress address(String key, String text) {
        return new WebAddressCompiler(settings, complaint).address(path + "." + key, text);
    }

    private OwnSignal signal(OwnSignal.Source asked) {
        int limit = Objects.requireNonNullElse(source.limit(), 1);
        int warning = Objects.requireNonNullElse(source.warning(), Math.max(1, limit / 2));
        Duration every = settings.fromFile(path + ".every", source.every(), EVERY, "default");
        settings.note(path + ".name", source.name());
        if (!asked.flag()) {
            settings.note(path + ".limit", String.valueOf(limit));
            settings.fromFile(path + ".warning", source.warning(), warning, "half of the limit");
        }
        boolean load = settings.fromFile(path + ".load", source.load(), false, "default");
        return new OwnSignal(source.name(), asked, warning, limit, every, load);
    }
}
