package dev.neap.postgres.preview;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.preview.PreviewRequest;
import java.sql.SQLException;
import java.time.Duration;

/** What went wrong in a preview, and what to do. Kinds come from the SQLState, never from a message's text. */
final class PreviewFailures {
    private static final Duration OF_A_SAMPLE = Duration.ofMinutes(2);
    /** A snapshot that is held longer keeps vacuum from its work everywhere. */
    private static final Duration OF_ALL = Duration.ofMinutes(30);

    private final PlannedUnit unit;
    private final PreviewRequest request;
    private final boolean fromOtherTables;

    PreviewFailures(Plan plan, PlannedUnit unit, PreviewRequest request) {
        this.unit = unit;
        this.request = request;
        this.fromOtherTables = plan.backfill().rebuild().source() != null;
    }

    /** How long one statement may go on. */
    static Duration patience(PreviewRequest request) {
        return request.full() ? OF_ALL : OF_A_SAMPLE;
    }

    NeapException explain(SQLException e) {
        String state = SqlFailures.state(e);
        String said = PlainSql.message(e);
        String partition = unit.partition().sql();
        return switch (state) {
            case "25006" ->
                new NeapException(
                        Kind.USAGE,
                        "the recompute writes, which a preview refuses (" + said + "); "
                                + (fromOtherTables
                                        ? "rebuild.recompute must only read"
                                        : "an expression in rebuild.set, or rebuild.already_right, must only compute a"
                                                + " value"),
                        e);
            case "42501" ->
                new NeapException(
                        Kind.USAGE,
                        "this role may not read "
                                + (fromOtherTables ? "what the preview reads of " : "") + partition + " (" + said
                                + "); run the statements of `neap grants`",
                        e);
            case "55P03" ->
                new NeapException(
                        Kind.LOCK,
                        "another session has held a lock on " + partition + " for 5 s (" + said
                                + "); look for it in pg_stat_activity",
                        e);
            case "57014" ->
                new NeapException(
                        Kind.STOP,
                        "the preview of " + partition + " was cancelled (" + said + "); one statement may take "
                                + patience(request).toMinutes() + " min: "
                                + advice(),
                        e);
            default -> other(e, state, said, partition);
        };
    }

    private String advice() {
        if (fromOtherTables) {
            return (request.full() ? "" : "say --full, which may take longer; or ")
                    + "name a smaller partition, or give what the recompute reads an index for its bound";
        }
        return request.full() ? "leave --full out" : "say --sample with fewer rows";
    }

    private NeapException other(SQLException e, String state, String said, String partition) {
        boolean fromTheExpression = state.startsWith("22")
                || state.startsWith("23")
                || state.startsWith("42")
                || state.startsWith("0A")
                || state.startsWith("P0");
        return fromTheExpression
                ? new NeapException(
                        Kind.USAGE,
                        "the recompute fails on rows of " + partition + ": " + said
                                + "; a run would fail in the same way: change rebuild."
                                + (fromOtherTables ? "recompute" : "set") + " so that it works for every row",
                        e)
                : SqlFailures.explain(e);
    }
}
