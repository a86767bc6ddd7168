package dev.neap.cli.rehearse;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.cli.demo.Observations;
import dev.neap.cli.server.OwnServer;
import dev.neap.cli.server.Programs;
import dev.neap.cli.text.Json;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Practice;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rehearse.Compared;
import dev.neap.rehearse.Copied;
import dev.neap.rehearse.CopyRequest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A backfill tried on a copy of its table, on a server that comes and goes with it. */
public final class Rehearsal {
    private static final String DATABASE = "rehearsal";
    private static final Pattern MAJOR = Pattern.compile("PostgreSQL (\\d+)");

    private final Path file;
    private final Plan plan;
    private final ConnectionTarget source;
    private final CopyRequest request;
    private final Duration kills;
    private final Duration grace;
    private final long seed;
    private final Consumer<String> tell;

    /**
     * @param plan the file's plan against the source
     * @param kills how long the run is killed again and again before it is left to end
     * @param tell hears what goes on, line by line
     */
    public Rehearsal(
            Path file,
            Plan plan,
            ConnectionTarget source,
            CopyRequest request,
            Duration kills,
            long seed,
            Consumer<String> tell) {
        this(file, plan, source, request, kills, Performance.GRACE, seed, tell);
    }

    /** @param grace how long the run may take to end when it is left alone */
    Rehearsal(
            Path file,
            Plan plan,
            ConnectionTarget source,
            CopyRequest request,
            Duration kills,
            Duration grace,
            long seed,
            Consumer<String> tell) {
        this.file = file;
        this.plan = plan;
        this.source = source;
        this.request = request;
        this.kills = kills;
        this.grace = grace;
        this.seed = seed;
        this.tell = tell;
    }

    /**
     * What came of it.
     *
     * @param text the receipt for people
     * @param data the same for programs
     * @param page the same as HTML
     */
    public record Result(
            Verdict verdict, String text, com.fasterxml.jackson.databind.node.ObjectNode data, String page) {}

    /**
     * Does it.
     *
     * @param path where installed programs are looked for, as in the variable PATH
     * @param anyVersion whether the server that comes with Neap will do where the source has another major version
     * @param now when the receipt is made
     * @throws NeapException when there is no server of this version, or something cannot be copied
     */
    public Result run(String path, boolean anyVersion, Instant now) {
        Programs programs = programs(path, anyVersion);
        tell.accept("Starting a PostgreSQL " + programs.major()
                + " of the rehearsal's own; it goes when the rehearsal ends.");
        try (OwnServer server = OwnServer.start("rehearsal", programs, 4L * request.mostRows())) {
            server.execute("postgres", List.of("CREATE DATABASE " + DATABASE));
            Receipt receipt = on(server, programs, now);
            Verdict verdict = receipt.verdict();
            return new Result(
                    verdict,
                    ReceiptLines.text(receipt),
                    Json.object(receipt).put("verdict", verdict.label()),
                    ReceiptPage.of(receipt));
        } catch (SQLException e) {
            throw new NeapException(NeapException.Kind.STOP, "the rehearsal's server failed: " + e.getMessage(), e);
        }
    }

    private int sourceMajor() {
        Matcher major = MAJOR.matcher(plan.server());
        if (!major.find()) {
            throw new NeapException(NeapException.Kind.STOP, "the version of " + plan.server() + " is not known");
        }
        return Integer.parseInt(major.group(1));
    }

    private Programs programs(String path, boolean anyVersion) {
        int major = sourceMajor();
        return Programs.find(major, path).orElseGet(() -> {
            if (anyVersion) {
                return Programs.bundled();
            }
            throw new NeapException(
                    NeapException.Kind.STOP,
                    "a rehearsal wants a server of the source's major version, " + major + ": there is no PostgreSQL "
                            + major
                            + " on this machine (looked beside pg_config, on the PATH and in /usr/lib/postgresql/"
                            + major
                            + "/bin). Install it (Debian: apt install postgresql-" + major
                            + "; Homebrew: brew install postgresql@" + major + "), or say --any-version to rehearse on "
                            + Programs.BUNDLED_MAJOR + ", which comes with Neap; the receipt says so");
        });
    }

    private Receipt on(OwnServer server, Programs programs, Instant now) {
        ConnectionTarget target = Understudy.target(server.port(), DATABASE);
        Copied copied;
        try (Database from = new PostgresDialect().open(source, Tuning.DEFAULT)) {
            copied = from.copier().copy(plan, target, request, tell);
        }
        Backfill backfill = Understudy.adapted(plan.backfill());
        try (Database copy = new PostgresDialect().open(target, Tuning.DEFAULT)) {
            Practice practice = copy.practice(backfill);
            String failed = begin(practice);
            if (!failed.isEmpty()) {
                Performance.Ending ending = new Performance.Ending(
                        "failed",
                        List.of(failed),
                        List.of(),
                        List.of(),
                        List.of(),
                        0,
                        0,
                        List.of(),
                        0,
                        0,
                        Duration.ZERO);
                return receipt(copy, programs, copied, ending, null, Map.of(), null, now);
            }
            tell.accept("Writers and readers begin; then the run, which is killed at each step.");
            Observations.Summary seen;
            Performance.Ending ending;
            try (Traffic traffic = new Traffic(practice, seed)) {
                boolean old = backfill.rebuild().applicationWrites() == ApplicationWrites.OLD;
                ending = new Performance(
                                file,
                                server.port(),
                                DATABASE,
                                backfill,
                                kills,
                                grace,
                                seed,
                                tell,
                                new Rhythm(traffic, seed),
                                old ? traffic::stopWriting : null)
                        .play();
                seen = traffic.stop();
            }
            return compare(copy, practice, programs, copied, ending, seen, now);
        }
    }

    private static String begin(Practice practice) {
        try {
            practice.begin();
            return "";
        } catch (NeapException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private Receipt compare(
            Database copy,
            Practice practice,
            Programs programs,
            Copied copied,
            Performance.Ending ending,
            Observations.Summary seen,
            Instant now) {
        Map<String, Long> wrong = new TreeMap<>(seen.wrong());
        practice.wrongReads().forEach((kind, reads) -> wrong.merge(kind, reads, Long::sum));
        if (!ending.outcome().equals("done")) {
            return receipt(copy, programs, copied, ending, seen, wrong, null, now);
        }
        tell.accept("Comparing every row.");
        return receipt(copy, programs, copied, ending, seen, wrong, practice.compare(), now);
    }

    private Receipt receipt(
            Database copy,
            Programs programs,
            Copied copied,
            Performance.Ending ending,
            Observations.@Nullable Summary seen,
            Map<String, Long> wrongReads,
            @Nullable Compared compared,
            Instant now) {
        List<Duration> locks = new ArrayList<>(ending.locks());
        locks.removeIf(Duration::isZero);
        locks.sort(Duration::compareTo);
        Map<String, Long> refused = new TreeMap<>(seen == null ? Map.of() : seen.errors());
        refused.remove("read");
        return new Receipt(
                plan.backfill().name(),
                plan.hash(),
                now,
                plan.backfill().rebuild().table(),
                plan.server(),
                copy.server(),
                programs.major() == sourceMajor(),
                copied,
                plan.units().size(),
                ending.units(),
                ending.outcome(),
                ending.causes(),
                ending.killedAt().stream().map(Performance::words).toList(),
                ending.notKilledAt().stream().map(Performance::words).toList(),
                ending.didNotCome().stream().map(Performance::words).toList(),
                ending.randomKills(),
                ending.sentBack(),
                seen == null ? Map.of() : seen.kinds(),
                refused,
                seen == null ? 0 : seen.reads(),
                wrongReads,
                locks.size(),
                locks.isEmpty() ? Duration.ZERO : locks.get((locks.size() - 1) / 2),
                locks.isEmpty() ? Duration.ZERO : locks.get(locks.size() - 1),
                seen == null ? Duration.ZERO : seen.longestRead(),
                seen == null ? Duration.ZERO : seen.longestWrite(),
                ending.took(),
                compared);
    }
}
