package dev.neap.postgres.fill;

import dev.neap.dialect.StatementPlans;
import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.plan.TableStatistics;
import dev.neap.postgres.fill.FillStatements.Named;
import dev.neap.postgres.planning.PlanReader;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The plans of some of a fill's statements, in the session that sends them. */
final class PostgresPlans implements StatementPlans {
    private static final String SETTINGS =
            "its transactions forbid scans of whole tables and allow every index (enable_seqscan = off)";
    /** Longer than any other statement may take: it holds no lock that a reader or a writer feels. */
    private static final long ANALYZE_MS = 60_000;

    private final FillSession session;
    private final FillStatements statements;
    private final boolean hints;
    private List<Named> last = List.of();
    private boolean hinting;
    private boolean setting;
    private String hint = "";

    /** @param graceMs how long an application may take from one of its writes to the other, in milliseconds */
    PostgresPlans(FillSession session, FillTables tables, FillNames names, long graceMs) throws SQLException {
        this.session = session;
        this.statements = new FillStatements(tables, names, graceMs);
        this.hints = hints(session.connection());
    }

    /** Whether pg_hint_plan is loaded into this session, and listens. */
    private static boolean hints(Connection connection) throws SQLException {
        return Query.of(connection, "SELECT coalesce(current_setting('pg_hint_plan.enable_hint', true), 'off') = 'on'")
                .truth();
    }

    /**
     * A batch is about to be written.
     *
     * @param end the segment's last key
     * @param upTo the batch's last key, or the segment's while it is not known
     * @param dense whether most rows are likely to be wanted
     */
    void batch(@Nullable List<String> after, List<String> end, List<String> upTo, int rows, boolean dense) {
        last = statements.batch(after, end, upTo, rows, dense);
    }

    /**
     * Keys are about to be reconciled.
     *
     * @param any whether there are some; where there are none, the table of changes may be gone already
     */
    void reconcile(boolean any) {
        last = any ? statements.reconcile() : List.of();
    }

    /**
     * A part of the key is about to be looked at.
     *
     * @param whole whether every row is written again
     * @param aside whether rows were set aside, which are not asked
     */
    void look(
            @Nullable List<String> after, List<String> end, List<String> upTo, int rows, boolean whole, boolean aside) {
        last = statements.look(after, end, upTo, rows, whole, aside);
    }

    /** What must be set in each transaction before its statements. */
    void prepare(Statement s) throws SQLException {
        if (setting) {
            s.execute(FillStatements.BY_INDEX);
        }
    }

    /** A statement as it is to be sent. */
    String sent(String sql) {
        return hinting ? hint + sql : sql;
    }

    @Override
    public List<StatementPlan> now() {
        List<Named> all = last;
        return all.isEmpty()
                ? List.of()
                : session.in("read committed", s -> {
                    PlanReader reader = new PlanReader(session.connection());
                    List<StatementPlan> plans = new ArrayList<>();
                    for (Named statement : all) {
                        plans.add(explained(s, reader, statement));
                    }
                    return plans;
                });
    }

    /** What is set for one statement does not hold for the next. */
    private StatementPlan explained(Statement s, PlanReader reader, Named statement) throws SQLException {
        Savepoint before = s.getConnection().setSavepoint();
        if (!statement.settings().isEmpty()) {
            s.execute(statement.settings());
        }
        prepare(s);
        StatementPlan plan = reader.explain(statement.name(), statement.sql(), statement.meant(), sent(""));
        s.getConnection().rollback(before);
        return plan;
    }

    @Override
    public TableStatistics statistics(TableScan scan) {
        try {
            return Query.of(session.connection(), """
                            SELECT c.reltuples::bigint, coalesce(s.n_mod_since_analyze, 0),
                                   s.last_analyze IS NOT NULL OR s.last_autoanalyze IS NOT NULL, c.relpages,
                                   pg_relation_size(c.oid) / current_setting('block_size')::bigint
                            FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
                            WHERE c.oid = ?::regclass
                            """, scan.table())
                    .list(r -> new TableStatistics(
                            r.getLong(1), r.getLong(2), r.getBoolean(3), r.getLong(4), r.getLong(5)))
                    .get(0);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public void refresh(TableScan scan) {
        session.in("read committed", s -> {
            s.execute("SET LOCAL statement_timeout = " + ANALYZE_MS);
            s.execute("ANALYZE " + scan.table());
            return true;
        });
    }

    @Override
    public List<String> means() {
        return hints ? List.of("its statements carry hints of pg_hint_plan (IndexScan)", SETTINGS) : List.of(SETTINGS);
    }

    @Override
    public void use(int which, List<TableScan> scans) {
        hinting = hints && which == 1;
        setting = which == (hints ? 2 : 1);
        hint = scans.stream()
                .map(scan -> "IndexScan(" + Names.quote(scan.alias()) + ")")
                .distinct()
                .collect(Collectors.joining(" ", "/*+ ", " */ "));
    }
}
