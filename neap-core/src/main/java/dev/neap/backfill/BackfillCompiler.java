package dev.neap.backfill;

import dev.neap.backfill.BackfillSource.PaceSource;
import dev.neap.backfill.Node.Place;
import dev.neap.backfill.RebuildSource.PartitionsSource;
import dev.neap.transform.TransformSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a backfill of its source: defaults, profile, flags, and what no type can say. */
final class BackfillCompiler {
    /** What stands for the two tables of a unit of a rebuild; a cast is not meant. */
    private static final Pattern UNIT_TABLE = Pattern.compile("(?<!:):(shadow|live)\\b");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final String DEFAULT = "default";

    private final BackfillSource source;
    private final Settings settings;
    private final Problems problems;
    private final Function<String, @Nullable Place> places;
    private final Path file;
    private String connection = "";
    private Proofs proofs = new Proofs(Approver.ANY, Map.of());
    private Verification verification = new Verification(Verification.MATCH, Verification.CONFIDENCE, List.of());

    BackfillCompiler(
            BackfillSource source,
            Settings settings,
            Problems problems,
            Function<String, @Nullable Place> places,
            Path file) {
        this.file = file;
        this.source = source;
        this.settings = settings;
        this.problems = problems;
        this.places = places;
    }

    /** The backfill, or null after a problem. */
    @Nullable
    Backfill backfill() {
        requireName();
        ChosenProfile profile = new ProfileCompiler(
                        source.profile(), source.profiles(), settings, this::problem, this::written)
                .chosen();
        proofs = new Proofs(
                settings.fromFile("approval", source.approval(), Approver.ANY, DEFAULT),
                noted("answers", source.answers()));
        chooseConnection();
        List<String> replicas = replicas();
        Strategy strategy = strategy();
        verification = new VerificationCompiler(
                        source.verify(), source.fill(), source.rebuild(), this::fillPath, settings, this::problem)
                .verification();
        Pace pace = pace(profile);
        Throttle throttle =
                new ThrottleCompiler(source.throttle(), settings, this::problem, this::written, file).throttle(profile);
        BreakerLimits breaker =
                new BreakerCompiler(source.breaker(), settings, this::problem).breaker(throttle, strategy, profile);
        int batchRows =
                settings.choose("batch_rows", Integer.class, source.batchRows(), profile.batchRows(), profile.origin());
        int failureLimit = otherwise(
                "failure_limit", Integer.class, source.failureLimit(), profile.failureLimit(), 3, profile.origin());
        Map<String, String> assertions = noted("assert", source.assertions());
        return strategy == null || !problems.none()
                ? null
                : new Backfill(
                        source.backfill(),
                        profile.base(),
                        strategy,
                        pace,
                        batchRows,
                        failureLimit,
                        assertions,
                        replicas,
                        throttle,
                        breaker);
    }

    /** The name and the connection, and nothing else. */
    BackfillFile.Head head() {
        requireName();
        chooseConnection();
        return new BackfillFile.Head(source.backfill(), connection, connectionPlace());
    }

    private void requireName() {
        settings.note("backfill", source.backfill());
        if (!NAME.matcher(source.backfill()).matches()) {
            problem(
                    "backfill",
                    "'" + source.backfill() + "' is no name; write 1 to 63 letters, digits, '-', '_' or '.', beginning"
                            + " with a letter or digit");
        }
    }

    private void chooseConnection() {
        connection = settings.choose(
                "connection", String.class, source.connection(), "", "default: the PG* variables decide");
    }

    /** What it says about the proofs that its profile asks for. */
    Proofs proofs() {
        return proofs;
    }

    /** What a verification is held to. */
    Verification verification() {
        return verification;
    }

    /** The connection as written, after flags and environment. */
    String connection() {
        return connection;
    }

    /** The beginning of a message about the connection. */
    String connectionPlace() {
        Place place = places.apply("connection");
        boolean fromFile = place != null && connection.equals(source.connection());
        return fromFile ? file + ":" + place.line() + ":" + place.column() + ": connection: " : "connection: ";
    }

    private List<String> replicas() {
        List<String> replicas = Objects.requireNonNullElse(source.replicas(), List.of());
        for (int i = 0; i < replicas.size(); i++) {
            String replica = replicas.get(i);
            if (!Connections.mask(replica).equals(replica)) {
                problem("replicas." + i, "a password in plain text; write ${VAR} or ${file:/path}");
            }
            settings.note("replicas." + i, Connections.mask(replica));
        }
        return replicas;
    }

    private @Nullable Strategy strategy() {
        RebuildSource rebuild = source.rebuild();
        List<FillSource> fill = source.fill();
        if ((rebuild == null) == (fill == null)) {
            problem(
                    rebuild == null ? "" : "fill",
                    rebuild == null
                            ? "it says neither rebuild nor fill; write one of them"
                            : "it cannot go with rebuild; write one of the two, or two files");
            return null;
        }
        if (fill == null) {
            return rebuild(Objects.requireNonNull(rebuild));
        }
        Objects.requireNonNullElse(source.assertions(), Map.<String, String>of())
                .forEach((name, sql) -> {
                    if (UNIT_TABLE.matcher(sql).find()) {
                        problem("assert." + name, "a fill has no shadow; write the names of its tables, as in SQL");
                    }
                });
        return fills(fill);
    }

    /** The fill, or the fills; null after a problem. */
    private @Nullable Strategy fills(List<FillSource> given) {
        if (!listed()) {
            return new FillCompiler(given.get(0), "fill", settings, this::problem, named -> transform("fill", named))
                    .fill();
        }
        List<Fill> fills = new ArrayList<>();
        for (int i = 1; i <= given.size(); i++) {
            String path = fillPath(i);
            Fill fill = new FillCompiler(
                            given.get(i - 1), path, settings, this::problem, named -> transform(path, named))
                    .fill();
            if (fill != null) {
                fills.add(fill);
            }
        }
        if (!problems.none()) {
            return null;
        }
        return fills.size() == 1 ? fills.get(0) : new Fills(fills, 1);
    }

    /** Whether fills are written as a list. */
    private boolean listed() {
        return written("fill.1");
    }

    private boolean written(String path) {
        return places.apply(path) != null;
    }

    /** Where a fill stands in the file, counted from 1. */
    private String fillPath(int place) {
        return listed() ? "fill." + place : "fill";
    }

    private @Nullable TransformSource transform(String path, FillSource.TransformClass named) {
        String key = path + ".transform";
        Place place = Objects.requireNonNull(places.apply(key), "it was read from the file");
        String where = file + ":" + place.line() + ":" + place.column() + ": " + key + ": ";
        return new TransformJar(file, where, this::problem).load(named);
    }

    private @Nullable Rebuild rebuild(RebuildSource rebuild) {
        TableName table = TableName.parse(rebuild.table()).orElse(null);
        if (table == null) {
            problem("rebuild.table", "'" + rebuild.table() + "' is no table name; write schema.table, as in SQL");
        }
        settings.note("rebuild.table", rebuild.table());
        PartitionRange range = partitions(rebuild.partitions());
        Map<String, String> set = noted("rebuild.set", rebuild.set());
        SourceRecompute from = new SourceRecomputeCompiler(rebuild, settings, this::problem).recompute();
        if (rebuild.set() != null && set.isEmpty()) {
            problem("rebuild.set", "it is empty; write at least one 'column: SQL expression'");
        }
        String alreadyRight = rebuild.alreadyRight();
        if (alreadyRight != null) {
            settings.note("rebuild.already_right", alreadyRight);
        }
        ApplicationWrites application = settings.fromFile(
                "rebuild.application_writes", rebuild.applicationWrites(), ApplicationWrites.OLD, DEFAULT);
        LiveWrites writes = settings.fromFile("rebuild.writes", rebuild.writes(), LiveWrites.CAPTURE, DEFAULT);
        Cutover cutover = settings.fromFile("rebuild.cutover", rebuild.cutover(), Cutover.SWAP, DEFAULT);
        Hours hours = rebuild.hours();
        if (hours != null) {
            settings.note("rebuild.hours", hours.toString());
        }
        Duration keep =
                settings.choose("rebuild.keep_old", Duration.class, rebuild.keepOld(), Duration.ofDays(7), DEFAULT);
        return table == null || !problems.none()
                ? null
                : new Rebuild(table, range, set, alreadyRight, application, writes, keep, cutover, hours, from);
    }

    private PartitionRange partitions(@Nullable PartitionsSource given) {
        PartitionsSource partitions = given == null ? new PartitionsSource(null, null, null) : given;
        String from = partitions.from();
        String to = partitions.to();
        settings.fromFile("rebuild.partitions.from", from, "the first", DEFAULT);
        settings.fromFile("rebuild.partitions.to", to, "the last", DEFAULT);
        if (from != null && to != null && isDate(from) && isDate(to) && from.compareTo(to) >= 0) {
            problem("rebuild.partitions.to", "it must be later than from, which is " + from);
        }
        return new PartitionRange(
                from,
                to,
                settings.fromFile(
                        "rebuild.partitions.order", partitions.order(), PartitionRange.Order.NEWEST_FIRST, DEFAULT));
    }

    private Pace pace(ChosenProfile profile) {
        PaceSource pace = source.pace() == null ? new PaceSource(null, null, null) : source.pace();
        Ceiling ceiling = settings.choose("pace.rate", Ceiling.class, pace.rate(), profile.ceiling(), profile.origin());
        Duration pause =
                otherwise("pace.pause", Duration.class, pace.pause(), profile.pause(), Duration.ZERO, profile.origin());
        Duration batchPause = otherwise(
                "pace.batch_pause",
                Duration.class,
                pace.batchPause(),
                profile.batchPause(),
                Duration.ZERO,
                profile.origin());
        return new Pace(ceiling.rate(), pause, batchPause);
    }

    /** A value with a default, which the profile may replace. */
    private <T> T otherwise(
            String path, Class<T> type, @Nullable T inFile, @Nullable T ofProfile, T byDefault, String profile) {
        return ofProfile == null
                ? settings.choose(path, type, inFile, byDefault, DEFAULT)
                : settings.choose(path, type, inFile, ofProfile, profile);
    }

    private Map<String, String> noted(String path, @Nullable Map<String, String> map) {
        Map<String, String> given = map == null ? Map.of() : map;
        given.forEach((key, value) -> settings.note(path + "." + key, value.strip()));
        return given;
    }

    private void problem(String path, String message) {
        Place place = places.apply(path);
        problems.add(place == null ? Place.START : place, (path.isEmpty() ? "" : path + ": ") + message);
    }

    private static boolean isDate(String text) {
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }
}
