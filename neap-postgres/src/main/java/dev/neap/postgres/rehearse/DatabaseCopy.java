package dev.neap.postgres.rehearse;

import dev.neap.backfill.Rebuild;
import dev.neap.backfill.SourceRecompute;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.SourceSelect;
import dev.neap.postgres.query.Names;
import dev.neap.rehearse.Copied;
import dev.neap.rehearse.CopyRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** One copy, in three steps: definitions, rows, constraints. */
final class DatabaseCopy {
    /** Rows of a table that an expression looks things up in. */
    private static final int MOST_LOOKED_UP = 10_000;

    private final Connection source;
    private final Connection target;
    private final Plan plan;
    private final String path;
    private final CopyRequest request;
    private final Consumer<String> tell;
    private final List<CopiedTable> tree = new ArrayList<>();
    private final Map<Long, CopiedTable> others = new LinkedHashMap<>();
    private final Set<Long> lookedUp = new HashSet<>();
    /** Those that a recompute from other tables names. */
    private final Set<Long> read = new HashSet<>();

    private final Map<TableName, Long> rows = new LinkedHashMap<>();
    private final List<TableName> partitions = new ArrayList<>();
    private final Set<String> notCopied = new LinkedHashSet<>();
    private final List<String> omittedWords = new ArrayList<>();
    private final Constraints constraints;
    private Omissions omissions = Omissions.NONE;

    /** @param path the schemas in which the file's SQL looks names up */
    DatabaseCopy(
            Connection source, Connection target, Plan plan, String path, CopyRequest request, Consumer<String> tell) {
        this.source = source;
        this.target = target;
        this.plan = plan;
        this.path = path;
        this.request = request;
        this.tell = tell;
        this.constraints = new Constraints(source);
    }

    void readDefinitions() throws SQLException {
        Rebuild rebuild = plan.backfill().rebuild();
        partitions.addAll(chosen(plan.units(), request.mostPartitions()));
        if (partitions.size() < plan.units().size()) {
            notCopied.add("%,d of %,d partitions"
                    .formatted(
                            plan.units().size() - partitions.size(),
                            plan.units().size()));
        }
        SourceTables tables = new SourceTables(source);
        tree.addAll(tables.tree(rebuild.table(), new HashSet<>(partitions)));
        if (rebuild.source() != null) {
            for (TableName name : rebuild.source().reads()) {
                CopiedTable table = tables.plain(tables.oid(name));
                others.put(table.oid(), table);
                read.add(table.oid());
            }
        }
        NamedInSql named = new NamedInSql(source);
        named.in(rebuild);
        for (long oid : named.tables()) {
            if (!read.contains(oid) && tree.stream().noneMatch(each -> each.oid() == oid)) {
                others.put(oid, tables.plain(oid));
                lookedUp.add(oid);
            }
        }
        for (long oid : constraints.referencedBy(all(), tree.get(0).oid())) {
            if (!others.containsKey(oid) && tree.stream().noneMatch(each -> each.oid() == oid)) {
                others.put(oid, tables.plain(oid));
            }
        }
        omissions = Omissions.of(source, request.omitted(), tree, others.values());
        omittedWords.addAll(omissions.words());
        Needed.Statements needed = Needed.of(source, all(), named.functions(), named.types());
        constraints.read(tree, others.values(), omissions, notCopied);
        create(needed);
    }

    private void create(Needed.Statements needed) throws SQLException {
        Script.run(target, needed.schemas(), "schemas");
        for (String extension : needed.extensions()) {
            Script.run(target, List.of(extension), "an extension that the rehearsal's server has not");
        }
        List<String> objects = new ArrayList<>(needed.objects());
        all().forEach(each -> objects.add(each.create()));
        Script.run(target, objects, "the definitions");
        Script.run(
                target,
                tree.stream().map(CopiedTable::attach).filter(Objects::nonNull).toList(),
                "the partitions");
    }

    /** The first half, and others spread over the rest to the last: the newest are among them either way. */
    static List<TableName> chosen(List<PlannedUnit> units, int most) {
        List<TableName> names = units.stream().map(PlannedUnit::partition).toList();
        if (names.size() <= most) {
            return names;
        }
        int first = most / 2;
        int spread = most - first;
        List<TableName> some = new ArrayList<>(names.subList(0, first));
        long rest = (long) names.size() - first;
        for (int i = 1; i <= spread; i++) {
            some.add(names.get((int) (first + rest * i / spread - 1)));
        }
        return some;
    }

    void copyRows() throws SQLException {
        RowCopy copy = new RowCopy(source, target, omissions);
        int each =
                Math.max(1, Math.min(request.rowsPerPartition(), request.mostRows() / Math.max(1, partitions.size())));
        Set<TableName> wanted = new HashSet<>(partitions);
        long all = 0;
        for (CopiedTable table : tree) {
            if (wanted.contains(table.name())) {
                all += copy.sample(table, each);
            }
        }
        rows.put(tree.get(0).name(), all);
        tell.accept("Copied %,d rows of %,d partitions of %s."
                .formatted(all, partitions.size(), tree.get(0).name()));
        ReadTables reads = new ReadTables(source, target, copy, tree.get(0), partitions);
        for (CopiedTable other : others.values()) {
            if (read.contains(other.oid())) {
                ReadTables.Rows copied = reads.copy(other, Math.max(1, request.mostRows() / read.size()));
                rows.merge(other.name(), copied.count(), Long::sum);
                if (!copied.leftOut().isEmpty()) {
                    notCopied.add(copied.leftOut());
                }
                continue;
            }
            long copied = lookedUp.contains(other.oid()) ? copy.first(other, MOST_LOOKED_UP) : 0;
            if (copied == MOST_LOOKED_UP) {
                notCopied.add("rows of " + other.name() + " past the first %,d".formatted(MOST_LOOKED_UP));
            }
            rows.merge(other.name(), copied, Long::sum);
        }
        References references = new References(target, copy, constraints.foreignKeys(), request.mostRows());
        references.fill(tree.get(0), others).forEach((name, more) -> rows.merge(name, more, Long::sum));
        if (!read.isEmpty()) {
            yielded(references);
        }
        if (!others.isEmpty()) {
            tell.accept("Copied the rows of %,d other tables that they need.".formatted(others.size()));
        }
    }

    /** What the recompute yields may reference more than the live rows do. */
    private void yielded(References references) throws SQLException {
        PlainSql.execute(target, "SET search_path = " + (path.isEmpty() ? "''" : path));
        try {
            for (String select : selects()) {
                references
                        .fillFor(select, tree.get(0), others)
                        .forEach((name, more) -> rows.merge(name, more, Long::sum));
            }
            references.fill(tree.get(0), others).forEach((name, more) -> rows.merge(name, more, Long::sum));
        } catch (SQLException e) {
            if (source.isClosed() || target.isClosed()) {
                throw e;
            }
            // It fails on the copied rows: said where the rehearsal begins.
            tell.accept("The recompute fails on the copied rows.");
        } finally {
            PlainSql.execute(target, "SET search_path = ''");
        }
    }

    private List<String> selects() throws SQLException {
        SourceRecompute recompute =
                Objects.requireNonNull(plan.backfill().rebuild().source());
        List<String> selects = new ArrayList<>();
        for (CopiedTable table : tree) {
            if (table.bound() != null && partitions.contains(table.name())) {
                selects.add(SourceSelect.of(source, recompute, table.oid(), table.bound()));
            }
        }
        return selects;
    }

    void addConstraints() throws SQLException {
        Script.run(target, constraints.statements(), "the constraints");
        for (CopiedTable table : all()) {
            for (CopiedTable.Column column : table.columns()) {
                String value = column.value() == null ? "" : column.value();
                boolean identity = !column.identity().isEmpty() && table.parent() == null;
                boolean counts = identity || value.startsWith("nextval(");
                if (counts) {
                    goOnCounting(table, column);
                }
            }
        }
        Script.run(target, List.of("ANALYZE"), "statistics");
    }

    private void goOnCounting(CopiedTable table, CopiedTable.Column column) throws SQLException {
        String name = Names.quote(table.name());
        String sequence = column.identity().isEmpty()
                ? "(" + Objects.requireNonNullElse(column.value(), "").replaceFirst("^nextval\\((.*)\\)$", "$1") + ")"
                : "pg_get_serial_sequence(" + Names.literal(name) + ", " + Names.literal(column.name()) + ")::regclass";
        Script.run(
                target,
                List.of("SELECT setval(" + sequence + ", greatest(1, max(" + Names.quote(column.name())
                        + ")::bigint), true) FROM " + name),
                "the sequence of " + table.name() + "." + column.name());
    }

    Copied copied() {
        if (tree.isEmpty()) {
            throw new NeapException(NeapException.Kind.STOP, "nothing was copied");
        }
        return new Copied(
                rows.entrySet().stream()
                        .map(each -> new Copied.Table(each.getKey(), each.getValue()))
                        .toList(),
                partitions,
                omittedWords,
                List.copyOf(notCopied));
    }

    private List<CopiedTable> all() {
        List<CopiedTable> all = new ArrayList<>(tree);
        all.addAll(others.values());
        return all;
    }
}
