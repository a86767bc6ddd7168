package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Verified;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.KeyColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compares the shadow with the live partition before the swap. */
final class VerifyStep {
    /** In the order of their numbers in the comparison. */
    private static final List<String> DIFFERENCES = List.of(
            "rows of the live partition are missing in the shadow",
            "rows of the shadow are not in the live partition",
            "rows differ in a column that was not meant to change",
            "rows differ in a recomputed column from what the recompute yields now");

    private static final List<String> COMPUTED_AGAIN = List.of(
            "rows that the recompute yields when it is computed again are missing in the shadow",
            "rows of the shadow are not what the recompute yields when it is computed again");

    /** Asked by name: joined to the catalog, the server would read all of it. */
    private static final String IN_ORDER = """
            SELECT coalesce(bool_or(abs(correlation) > 0.9), false)
            FROM pg_catalog.pg_stats
            WHERE tablename = (SELECT relname FROM pg_catalog.pg_class WHERE oid = to_regclass(?))
              AND schemaname = (SELECT n.nspname FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c
                                ON c.relnamespace = n.oid WHERE c.oid = to_regclass(?))
              AND attname = ? AND NOT inherited
            """;

    private final UnitWork work;
    private final LoadStep load;

    VerifyStep(UnitWork work, LoadStep load) {
        this.work = work;
        this.load = load;
    }

    Verified verify(Map<String, String> assertions) throws SQLException {
        List<String> checked = repeatable();
        return work.readingLive(s -> {
            if (voided(s)) {
                // The shadow is void, and the next drain says so; a comparison would call it wrong.
                return new Verified(0, List.of(), 0);
            }
            s.execute("SET LOCAL work_mem = '64MB'");
            if (inOrder()) {
                s.execute("SET LOCAL enable_hashjoin = off");
            }
            List<String> differences = new ArrayList<>();
            long wrong = compare(s, checked, differences);
            // Assertions are planned as anything else.
            s.execute("SET LOCAL enable_hashjoin TO DEFAULT");
            long rows = UnitWork.number(
                    s, "SELECT count(*) FROM ONLY " + work.names().shadow());
            for (Map.Entry<String, String> assertion : assertions.entrySet()) {
                check(s, assertion.getKey(), assertion.getValue(), differences);
            }
            return new Verified(rows, differences, wrong);
        });
    }

    /**
     * Whether the rows lie in the order of their key, as where they came in by it: then to read both sides by their index
     * takes two thirds of the time of a hash join and no memory, but the planner counts on pages all over the table. The
     * shadow was loaded in the order of the live partition, and analyzed; neither is so after a recompute from other tables,
     * or where an undo carried rows over.
     */
    private boolean inOrder() throws SQLException {
        List<KeyColumn> key = work.shape().key();
        if (key.isEmpty() || fromSource() || work.carriesOver()) {
            return false;
        }
        String shadow = work.names().shadow();
        return Query.of(work.connection(), IN_ORDER, shadow, shadow, key.get(0).name())
                .truth();
    }

    private boolean voided(Statement s) throws SQLException {
        if (fromSource() && !load.voided(s).isEmpty()) {
            return true;
        }
        return UnitWork.number(s, "SELECT count(*) FROM " + work.names().changes() + " WHERE op = 'T'") > 0;
    }

    private boolean fromSource() {
        return work.backfill().rebuild().source() != null;
    }

    /** Returns how many rows differ. */
    private long compare(Statement s, List<String> checked, List<String> differences) throws SQLException {
        long wrong = 0;
        List<String> words = fromSource() ? COMPUTED_AGAIN : DIFFERENCES;
        String sql = fromSource() ? work.sourceSql().verify() : work.sql().verify(checked);
        try (ResultSet rs = s.executeQuery(sql)) {
            while (rs.next()) {
                wrong += rs.getLong(2);
                differences.add(rs.getLong(2) + " " + words.get(rs.getInt(1) - 1));
            }
        }
        return wrong;
    }

    private void check(Statement s, String name, String sql, List<String> differences) throws SQLException {
        String stated = sql.replace(":shadow", work.names().shadow())
                .replace(":live", work.names().liveTable());
        try (ResultSet rs = s.executeQuery(stated)) {
            if (!rs.next() || !rs.getBoolean(1)) {
                differences.add("the assertion '" + name + "' does not hold");
            }
        } catch (SQLException e) {
            // A lost connection, a lock or a stop is none of the assertion's fault.
            NeapException why = UnitWork.explain(e);
            throw new NeapException(
                    why.kind() == Kind.USAGE ? Kind.UNIT : why.kind(),
                    why.retryCause(),
                    "the assertion '" + name + "' cannot be run: " + why.getMessage(),
                    e);
        }
    }

    private List<String> repeatable() throws SQLException {
        String probe = Names.quote(UnitNames.workSchema(work.unit().runId())) + ".neap_probe";
        return new Repeatable(
                        work.connection(),
                        work::inTransaction,
                        "CREATE TABLE " + probe + " (LIKE " + work.names().shadow() + ")",
                        probe)
                .columns(work.backfill().rebuild());
    }
}
