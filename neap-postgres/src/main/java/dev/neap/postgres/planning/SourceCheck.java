package dev.neap.postgres.planning;

import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.SourceRecompute;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a recompute over other tables is one that Neap can run. Compiles it, and reads no row. */
final class SourceCheck {
    private static final Pattern CUT =
            Pattern.compile("(?<![.\\p{L}\\p{N}_$])(offset|limit|fetch)(?![\\p{L}\\p{N}_$])", Pattern.CASE_INSENSITIVE);
    private static final Pattern CALL =
            Pattern.compile("(?<![\\p{L}\\p{N}_$])([\\p{L}_][\\p{L}\\p{N}_$]*)\\s*\\(", Pattern.CASE_INSENSITIVE);

    private final Connection connection;
    private final LiveTable table;
    private final Rebuild rebuild;
    private final SourceRecompute source;
    private final List<Finding> findings = new ArrayList<>();

    SourceCheck(Connection connection, LiveTable table, Rebuild rebuild) {
        this.connection = connection;
        this.table = table;
        this.rebuild = rebuild;
        this.source = Objects.requireNonNull(rebuild.source());
    }

    /**
     * What is wrong with it; compiled for the first of the units, its bounds tried for each.
     *
     * @param keys the columns of each unit's key, by its OID
     */
    List<Finding> look(List<Leaf> units, Map<Long, List<String>> keys) throws SQLException {
        if (textObjections() || readsObjections()) {
            return findings;
        }
        keys(units, keys);
        String select = "";
        for (Leaf unit : units) {
            try {
                String bound = SourceSelect.of(connection, source, unit.oid(), unit.boundText());
                select = select.isEmpty() ? bound : select;
            } catch (NeapException e) {
                error(
                        "recompute-bound",
                        unit.name() + ": " + e.getMessage(),
                        "each partition is computed by itself",
                        "write the recompute for RANGE partitions, or leave this one out");
                return findings;
            }
        }
        if (!units.isEmpty() && columns(select) && fits(units.get(0), select)) {
            reads(select);
            findings.add(Finding.note(
                    "recompute-pace",
                    "each partition is loaded by one statement, which is not paced inside a partition",
                    "a recompute over other tables cannot be cut into batches; it reads in one snapshot, which holds back"
                            + " vacuum while it lasts"));
        }
        return findings;
    }

    private boolean textObjections() {
        OneExpression.objection(source.sql())
                .ifPresent(objection -> error(
                        "recompute-text",
                        "rebuild.recompute is not one SELECT: " + objection,
                        "it is put between parentheses, and must stay there",
                        "write one SELECT without a ';'"));
        if (!findings.isEmpty()) {
            return true;
        }
        String masked = MaskedSql.of(source.sql());
        cuts(masked);
        volatility(masked);
        return !findings.isEmpty();
    }

    private void cuts(String masked) {
        Matcher cut = CUT.matcher(masked);
        while (cut.find()) {
            boolean offset = cut.group().equalsIgnoreCase("offset");
            if (offset || MaskedSql.depth(masked, cut.start()) == 0) {
                error(
                        "recompute-cut",
                        "rebuild.recompute has " + cut.group().toUpperCase(java.util.Locale.ROOT),
                        "it must yield all rows of a partition, each time the same",
                        "take it out; :lower and :upper bound the rows");
                return;
            }
        }
    }

    /** By the names that it calls; what an operator or a view calls is found by computing it again before the swap. */
    private void volatility(String masked) {
        Set<String> called = new LinkedHashSet<>();
        Matcher call = CALL.matcher(masked);
        while (call.find()) {
            called.add(call.group(1).toLowerCase(java.util.Locale.ROOT));
        }
        try {
            for (String name : Query.of(connection, """
                            SELECT DISTINCT proname FROM pg_proc WHERE proname = ANY (?::text[]) AND prokind = 'f'
                            GROUP BY proname HAVING bool_and(provolatile = 'v') ORDER BY 1
                            """, called).texts()) {
                error(
                        "volatile-expression",
                        "rebuild.recompute calls " + name
                                + "(), which is volatile: it may yield another value each time",
                        "a verification could not tell right from wrong",
                        "use a function declared STABLE or IMMUTABLE");
            }
        } catch (SQLException e) {
            throw ReadOnly.translated(e);
        }
        Matcher clock = Clocks.WORDS.matcher(masked);
        if (clock.find()) {
            error(
                    "clock-expression",
                    "rebuild.recompute reads the clock: " + clock.group().strip(),
                    "each partition would get another time, and a verification could not tell right from wrong",
                    "write the time as a literal, such as timestamptz '2025-01-31 00:00:00Z'");
        }
    }

    private boolean readsObjections() throws SQLException {
        for (TableName name : source.reads()) {
            String kind = Query.of(
                            connection,
                            "SELECT coalesce((SELECT relkind::text FROM pg_class WHERE oid = to_regclass(?)), '')",
                            Names.quote(name))
                    .text();
            if (kind.isEmpty()) {
                error(
                        "recompute-reads",
                        "rebuild.reads: there is no table " + name,
                        "it could not be watched for changes",
                        near(name));
            } else if (!kind.equals("r") && !kind.equals("p")) {
                error(
                        "recompute-reads",
                        "rebuild.reads: " + name + " is no table, but "
                                + (kind.equals("f")
                                        ? "a foreign table"
                                        : kind.equals("v") ? "a view" : "something else"),
                        "changes of it cannot be seen",
                        kind.equals("v") ? "name the tables that the view reads" : "copy its rows to a table first");
            } else if (!foreignLeaves(name).isEmpty()) {
                error(
                        "recompute-reads",
                        "rebuild.reads: " + name + " has a foreign table among its partitions: "
                                + String.join(", ", foreignLeaves(name)),
                        "changes of it cannot be seen",
                        "copy its rows to a table first");
            }
        }
        return !findings.isEmpty();
    }

    private List<String> foreignLeaves(TableName name) throws SQLException {
        return Query.of(connection, """
                        WITH RECURSIVE tree AS (SELECT to_regclass(?)::oid AS oid
                            UNION SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid)
                        SELECT c.oid::regclass::text FROM tree JOIN pg_class c ON c.oid = tree.oid
                        WHERE c.relkind NOT IN ('r', 'p') ORDER BY 1
                        """, Names.quote(name)).texts();
    }

    private String near(TableName name) throws SQLException {
        List<String> tables = Query.of(connection, """
                        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE n.nspname = ? AND c.relkind IN ('r', 'p')
                        """, name.schema()).texts();
        return Nearest.to(name.name(), tables)
                .map(near -> "did you mean " + name.schema() + "." + near + "?")
                .orElse("write schema.table, as in SQL");
    }

    private void keys(List<Leaf> units, Map<Long, List<String>> keys) {
        for (Leaf unit : units) {
            if (source.keeps() && keys.getOrDefault(unit.oid(), List.of()).isEmpty()) {
                error(
                        "recompute-key",
                        unit.name() + " has no key, and missing_in_source says keep",
                        "which rows the source lacks could not be told",
                        "give the table a primary key, or say missing_in_source: drop");
                return;
            }
        }
    }

    /** Whether the columns are those of the table, by name, in any order. */
    private boolean columns(String select) throws SQLException {
        Savepoint before = connection.setSavepoint();
        List<String> yielded = new ArrayList<>();
        try (Statement s = connection.createStatement()) {
            s.setEscapeProcessing(false);
            try (var rows = s.executeQuery("SELECT * FROM " + SourceSelect.table(select) + " LIMIT 0")) {
                ResultSetMetaData meta = rows.getMetaData();
                for (int i = 1; i <= meta.getColumnCount(); i++) {
                    yielded.add(meta.getColumnLabel(i));
                }
            }
        } catch (SQLException e) {
            connection.rollback(before);
            String hint = PlainSql.hint(e);
            error(
                    "recompute-compiles",
                    "rebuild.recompute does not compile: " + PlainSql.message(e),
                    "PostgreSQL refuses it",
                    hint.isEmpty() ? "mend what the message names" : hint);
            return false;
        }
        List<String> wanted = table.columns().stream()
                .filter(c -> c.generation() == null)
                .map(LiveTable.Column::name)
                .toList();
        List<String> missing = wanted.stream().filter(c -> !yielded.contains(c)).toList();
        if (!missing.isEmpty()) {
            error(
                    "recompute-columns",
                    "rebuild.recompute does not yield " + String.join(", ", missing) + " of " + table.name(),
                    "its columns are matched by name, and each row is made anew as a whole",
                    "add what is missing to its SELECT");
        }
        Set<String> once = new HashSet<>();
        for (String column : yielded) {
            if (!once.add(column)) {
                error(
                        "recompute-columns",
                        "rebuild.recompute yields " + column + " twice",
                        "its columns are matched by name",
                        "give each column a name of its own");
            } else if (!wanted.contains(column)) {
                surplus(column, wanted);
            }
        }
        return findings.isEmpty();
    }

    private void surplus(String column, List<String> wanted) {
        boolean generated = table.column(column).isPresent();
        error(
                "recompute-columns",
                generated
                        ? "rebuild.recompute yields " + column + ", which is a generated column of " + table.name()
                        : "rebuild.recompute yields " + column + ", which is no column of " + table.name(),
                generated
                        ? "PostgreSQL computes it by itself from the row's other columns"
                        : "its columns are matched by name",
                generated
                        ? "take it out"
                        : Nearest.to(column, wanted)
                                .map(name -> "did you mean " + name + "?")
                                .orElse("take it out, or name it like a column with AS"));
    }

    private boolean fits(Leaf leaf, String select) throws SQLException {
        List<String> columns = table.columns().stream()
                .filter(c -> c.generation() == null)
                .map(LiveTable.Column::name)
                .toList();
        Savepoint before = connection.setSavepoint();
        try {
            PlainSql.execute(
                    connection,
                    "PREPARE neap_compiled AS INSERT INTO " + Names.quote(leaf.name()) + " (" + Names.list(columns)
                            + ") OVERRIDING SYSTEM VALUE SELECT " + Names.list(columns) + " FROM "
                            + SourceSelect.table(select));
            PlainSql.execute(connection, "DEALLOCATE neap_compiled");
            return true;
        } catch (SQLException e) {
            connection.rollback(before);
            error(
                    "recompute-types",
                    "rebuild.recompute does not fit " + table.name() + ": " + PlainSql.message(e),
                    "PostgreSQL refuses to put the rows there",
                    PlainSql.hint(e).isEmpty() ? "cast the column to the table's type" : PlainSql.hint(e));
            return false;
        }
    }

    private void reads(String select) throws SQLException {
        SourceReads reads = SourceReads.of(connection, source, select, table.name());
        if (reads.ownRows()) {
            error(
                    "recompute-self",
                    "rebuild.recompute reads " + table.name() + ", which it rebuilds",
                    "a row would be computed from rows that are computed already",
                    "read other tables; `set` recomputes row by row");
            return;
        }
        for (String unnamed : reads.unnamed()) {
            error(
                    "recompute-reads",
                    "rebuild.recompute reads " + unnamed + ", which rebuild.reads does not name",
                    "a change to it during the run would be lost",
                    "add it to rebuild.reads");
        }
        for (String unread : reads.unread()) {
            findings.add(Finding.warning(
                    "recompute-reads",
                    "rebuild.reads names " + unread + ", which the recompute does not read by itself",
                    rebuild.writes() == LiveWrites.NONE
                            ? "a write to it refuses the swap for nothing"
                            : "each change of it sends a partition back to its load for nothing",
                    "take it out, unless a function reads it"));
        }
    }

    private void error(String check, String what, String why, String fix) {
        findings.add(Finding.error(check, what, why, fix));
    }
}
