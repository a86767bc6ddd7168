package dev.neap.library;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.Conflict;
import dev.neap.backfill.Connections;
import dev.neap.backfill.DualWrite;
import dev.neap.backfill.Environment;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Profile;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Dialect;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.transform.Transform;
import dev.neap.transform.TransformSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A fill by a transform of the application's own, planned and run from its code: with the limits of `prod`, all rows, along
 * the primary key, keeping what is there, unless said otherwise. Whatever else a backfill file may say needs the file.
 * Immutable: each method yields another. What goes wrong is a {@link NeapException} whose message a person can act on.
 */
public final class JavaFill {
    private static final int FAILURE_LIMIT = 3;

    private final String name;
    private final TransformSource transform;
    private final TableName from;
    private final TableName into;
    private final @Nullable String where;
    private final Conflict conflict;
    private final @Nullable String alreadyRight;
    private final Profile profile;
    private final Pace pace;

    private JavaFill(
            String name,
            TransformSource transform,
            TableName from,
            TableName into,
            @Nullable String where,
            Conflict conflict,
            @Nullable String alreadyRight,
            Profile profile,
            Pace pace) {
        this.name = name;
        this.transform = transform;
        this.from = from;
        this.into = into;
        this.where = where;
        this.conflict = conflict;
        this.alreadyRight = alreadyRight;
        this.profile = profile;
        this.pace = pace;
    }

    /**
     * Fills columns of a table from its own rows.
     *
     * @param name the backfill's, 1 to 63 characters: the same name goes on with an unfinished run
     * @param table as in SQL; without a schema it is `public`
     * @param transform makes an instance for each thread at work
     */
    public static JavaFill of(String name, String table, Supplier<? extends Transform> transform) {
        return of(name, table, table, transform);
    }

    /** Fills a table from the rows of another. */
    public static JavaFill of(String name, String from, String into, Supplier<? extends Transform> transform) {
        return new JavaFill(
                name,
                TransformSource.of(transform),
                table(from),
                table(into),
                null,
                Conflict.KEEP,
                null,
                Profile.PROD,
                pace(Profile.PROD));
    }

    private static TableName table(String text) {
        return TableName.parse(text)
                .orElseThrow(() -> new NeapException(
                        Kind.USAGE, "'" + text + "' is no table name; write schema.table, as in SQL"));
    }

    private static Pace pace(Profile profile) {
        return new Pace(profile.rate(), Duration.ZERO, Duration.ZERO);
    }

    /** Only rows of the walked table of which this SQL is true. */
    public JavaFill where(String predicate) {
        return new JavaFill(name, transform, from, into, predicate, conflict, alreadyRight, profile, pace);
    }

    /** What becomes of what is there already. */
    public JavaFill conflict(Conflict rule) {
        return new JavaFill(name, transform, from, into, where, rule, alreadyRight, profile, pace);
    }

    /** SQL that is true of rows that need nothing; for columns of the same table. */
    public JavaFill alreadyRight(String predicate) {
        return new JavaFill(name, transform, from, into, where, conflict, predicate, profile, pace);
    }

    /** Another profile, with its pace. */
    public JavaFill profile(Profile other) {
        return new JavaFill(name, transform, from, into, where, conflict, alreadyRight, other, pace(other));
    }

    /** A ceiling of its own. */
    public JavaFill rate(int rowsPerSecond) {
        Pace own = new Pace(new RowsPerSecond(rowsPerSecond), pace.pause(), pace.batchPause());
        return new JavaFill(name, transform, from, into, where, conflict, alreadyRight, profile, own);
    }

    /**
     * Plans and runs it, or goes on with its unfinished run; returns when it has ended.
     *
     * @param dialect the database's, such as {@code new PostgresDialect()}
     * @param url as in a backfill file: `postgresql://user@host/database`, with `${VAR}` for what is secret
     */
    public RunResult run(Dialect dialect, String url) {
        return run(dialect, url, 1, RunListener.SILENT, new Stop());
    }

    /**
     * The same, watched.
     *
     * @param workers how many segments are filled at once, from 1 to {@value Engine#MOST_WORKERS}
     * @param stop ends it at the next batch, from any thread; the next call goes on
     */
    public RunResult run(Dialect dialect, String url, int workers, RunListener listener, Stop stop) {
        Engine engine;
        try {
            engine = new Neap(dialect, Connections.resolve(url, Environment.system()), Tuning.DEFAULT, Probe.NONE);
        } catch (BackfillException e) {
            throw new NeapException(Kind.USAGE, String.valueOf(e.getMessage()), e);
        }
        Plan plan = engine.plan(backfill());
        if (plan.refused()) {
            throw new NeapException(Kind.USAGE, refusal(plan.findings()));
        }
        return engine.run(plan, workers, listener, stop);
    }

    private Backfill backfill() {
        Fill fill = new Fill(
                from,
                into,
                List.of(),
                Fill.KeyRange.ALL,
                where,
                Map.of(),
                List.of(),
                conflict,
                alreadyRight,
                transform,
                DualWrite.APPLICATION);
        return new Backfill(name, profile, fill, pace, profile.batchRows(), FAILURE_LIMIT, Map.of(), List.of());
    }

    private static String refusal(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .map(finding -> finding.what() + "; " + finding.fix())
                .collect(Collectors.joining("\n"));
    }
}
