package dev.neap.postgres.fill;

import dev.neap.dialect.StatementPlans;
import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.plan.TableStatistics;
import dev.neap.postgres.fill.FillStatements.Named;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The plans of one segment's statements, in its own session. */
final class PostgresPlans implements StatementPlans {
    private static final String SETTINGS =
            "its transactions forbid scans of whole tables and allow every index (enable_seqscan = off)";
    /** Longer than any other statement may take: it holds no lock that a reader or a writer feels. */
    private static final long ANALYZE_MS = 60_000;

    private final FillSession session;
    private final FillStatements statements;
    private final boolean hints;
    private @Nullable List<Named> last;
    private boolean hinting;
    private boolean setting;
    private String hint = "";

    PostgresPlans(FillSession session, FillTables tables, FillNames names) throws SQLException {
        this.session = session;
        this.statements = new FillStatements(tables, names, 0);
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
     */
    void batch(@Nullable List<String> after, List<String> end, List<String> upTo, int rows) {
        last = statements.batch(after, end, upTo, rows);
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
        List<Named> batch = last;
        return batch == null
                ? List.of()
                : session.in("read committed", s -> {
                    prepare(s);
                    PlanReader reader = new PlanReader(session.connection());
                    List<StatementPlan> plans = new ArrayList<>();
                    for (Named statement : batch) {
                        plans.add(reader.explain(statement.name(), statement.sql(), statement.meant(), sent("")));
                    }
                    return plans;
                });
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
