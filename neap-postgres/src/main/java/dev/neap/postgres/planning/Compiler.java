package dev.neap.postgres.planning;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.PartitionRange;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Estimate;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.postgres.preflight.Preflight;
import dev.neap.postgres.preflight.Subject;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.ShadowDefinition;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles one backfill, inside one read-only transaction. Used once. */
final class Compiler {
    private static final SampleCheck.Seen NOTHING = SampleCheck.Seen.nothing(List.of());

    private final Connection connection;
    private final Backfill backfill;
    private final StepSqlSource steps;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param session what was seen of the session before the transaction began
     */
    Compiler(Connection connection, Backfill backfill, StepSqlSource steps, List<Finding> session) {
        this.connection = connection;
        this.backfill = backfill;
        this.steps = steps;
        findings.addAll(session);
    }

    Plan compile() throws SQLException {
        List<String> schemas = PlanHash.schemas(connection);
        LiveTable table = new TableFinder(connection).find(backfill.rebuild().table());
        Shapes.requirePartitioned(table);
        PartitionTree tree = PartitionTree.read(connection, table);
        SetCheck set = new SetCheck(connection, table, tree, backfill.rebuild());
        set.requireColumns();
        Partitions partitions = new Partitions(connection, table, tree);
        List<Leaf> units = choose(table, partitions);
        Map<Long, List<String>> keys = partitions.keys(units);
        findings.addAll(Shapes.ofUnits(
                units, keys, backfill.rebuild().writes(), partitions.referencing(units), tree.detaching()));
        Measured measured = measure(table, set, tables(units), keys);
        List<PlannedUnit> planned = planned(units, measured);
        List<Long> oids = tables(units).stream().map(Leaf::oid).toList();
        Set<Long> above = tree.above(units);
        findings.addAll(Preflight.look(new Subject(connection, backfill, table.oid(), above, oids, measured.estimate)));
        int version = serverVersion();
        return new Plan(
                backfill,
                "PostgreSQL " + version / 10_000 + "." + version % 10_000,
                planned,
                measured.estimate,
                locks(tables(units), tree),
                refused() || planned.isEmpty() ? List.of() : steps.steps(connection, backfill, planned.get(0)),
                findings,
                PlanHash.of(backfill, planned, version / 10_000, schemas));
    }

    /** A few units stand for all; why the catalog refuses one is said only where no check has said it for all. */
    private List<Plan.TableLock> locks(List<Leaf> units, PartitionTree tree) throws SQLException {
        boolean refused = refused();
        List<ShadowDefinition> definitions = new ArrayList<>();
        for (Leaf unit : tree.representatives(units)) {
            definitions.add(ShadowDefinition.read(connection, unit.oid(), unit.parent(), "neap_work", "neap_kept"));
        }
        boolean merges = backfill.rebuild().merges();
        for (ShadowDefinition definition : refused || merges ? List.<ShadowDefinition>of() : definitions) {
            for (String refusal : definition.refusals()) {
                findings.add(Finding.error(
                        "partition-shape",
                        refusal,
                        "its like cannot be built, or cannot be put in its place without harm",
                        "do what it says, or leave " + definition.live() + " out with rebuild.partitions"));
            }
        }
        if (merges) {
            return definitions.isEmpty() ? List.of() : SwapLocks.merging(definitions.get(0), units.size());
        }
        List<Plan.TableLock> locks = new ArrayList<>(SourceLocks.of(backfill.rebuild()));
        locks.addAll(definitions.isEmpty() ? List.of() : SwapLocks.of(connection, definitions.get(0), units));
        return locks;
    }

    private boolean refused() {
        return findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR);
    }

    private static List<Leaf> tables(List<Leaf> units) {
        return units.stream().filter(leaf -> leaf.kind().equals("r")).toList();
    }

    private List<Leaf> choose(LiveTable table, Partitions partitions) throws SQLException {
        PartitionRange range = backfill.rebuild().partitions();
        Partitions.Choice choice = partitions.choose(range);
        if (choice.units().isEmpty()) {
            throw nothingChosen(table, partitions, range);
        }
        if (choice.leftOut() != null) {
            findings.add(leftOut(choice.leftOut()));
        }
        if (!choice.straddling().isEmpty()) {
            List<String> names = choice.straddling().stream()
                    .map(leaf -> leaf.name() + " " + leaf.boundText())
                    .toList();
            findings.add(Finding.warning(
                    "straddling",
                    "only partly inside rebuild.partitions, and so left out: " + Shapes.several(names),
                    "a partition is rebuilt whole or not at all",
                    "move rebuild.partitions.from or .to to a bound if they are meant"));
        }
        return choice.units();
    }

    private Finding leftOut(Leaf rest) throws SQLException {
        String what = rest.name() + " is the default partition of "
                + backfill.rebuild().table() + " and is left out; its rows stay as they are";
        String why = "it has no bound that could lie between from and to";
        boolean pages = Query.of(
                        connection,
                        "SELECT coalesce(sum(pg_relation_size(relid)), 0) > 0 FROM pg_partition_tree(?::oid::regclass)",
                        rest.oid())
                .truth();
        return pages
                ? Finding.warning(
                        "default-partition",
                        what,
                        why,
                        "leave from and to out of rebuild.partitions, and it is rebuilt too, as the last")
                : Finding.note("default-partition", what, why + "; it is empty now");
    }

    private static NeapException nothingChosen(LiveTable table, Partitions partitions, PartitionRange range)
            throws SQLException {
        List<Leaf> all = partitions.all();
        if (all.isEmpty()) {
            return new NeapException(
                    NeapException.Kind.USAGE,
                    table.name()
                            + " has no partition that holds rows; create one, or name another table in rebuild.table.");
        }
        return new NeapException(
                NeapException.Kind.USAGE,
                "No partition of %s lies wholly inside rebuild.partitions (from %s, to %s); its %,d partitions go %s … %s, so change from and to."
                        .formatted(
                                table.name(),
                                range.from() == null ? "the first" : range.from(),
                                range.to() == null ? "the last" : range.to(),
                                all.size(),
                                all.get(0).boundText(),
                                all.get(all.size() - 1).boundText()));
    }

    /** Rows and bytes of the units, in their order. */
    private record Measured(Map<Long, Sizes.Live> live, Estimate estimate) {}

    private Measured measure(LiveTable table, SetCheck set, List<Leaf> units, Map<Long, List<String>> keys)
            throws SQLException {
        Statistics statistics = new Statistics(connection);
        List<Statistics.Facts> facts = statistics.facts(units);
        Map<Long, Long> rows = statistics.rows(facts);
        SampleCheck.Seen seen = units.isEmpty() ? NOTHING : tryRecompute(table, set, units, keys, rows);
        Leaf typical = units.stream()
                .max((a, b) -> Long.compare(rows.getOrDefault(a.oid(), 0L), rows.getOrDefault(b.oid(), 0L)))
                .orElse(null);
        Map<String, Double> columnBytes = typical == null ? Map.of() : statistics.columnBytes(table, typical);
        double rowBytes = typical == null ? -1 : statistics.rowBytes(typical);
        Map<Long, List<Sizes.Index>> indexes = statistics.indexes(units, columnBytes);
        Map<Long, Sizes.Live> live = new LinkedHashMap<>();
        for (Statistics.Facts f : facts) {
            List<Sizes.Index> own = indexes.getOrDefault(f.oid(), List.of());
            long indexBytes = f.indexBytes() < 0
                    ? own.stream().mapToLong(Sizes.Index::liveBytes).sum()
                    : f.indexBytes();
            live.put(
                    f.oid(),
                    new Sizes.Live(
                            rows.getOrDefault(f.oid(), 0L),
                            f.tableBytes(),
                            indexBytes,
                            f.toastBytes(),
                            f.unvacuumedBytes(),
                            f.fillfactor(),
                            f.guessed() ? Unanalyzed.shared(own, indexBytes) : own));
        }
        ServerSettings server = ServerSettings.of(connection, backfill.pace());
        double newBytes = rowBytes < 0 ? rowBytes : rowBytes + seen.rowGrowth();
        Estimate swap = Estimates.of(
                List.copyOf(live.values()),
                newBytes,
                server.log(),
                server.memory(),
                backfill.pace(),
                backfill.batchRows());
        Estimate merge = MergeCosts.of(
                swap,
                List.copyOf(live.values()),
                newBytes,
                keyBytes(keys, columnBytes),
                seen.changed(),
                server.log(),
                backfill);
        boolean merges = backfill.rebuild().merges();
        if (swap.rows() > 0 && seen.rows() > 0) {
            findings.add(MergeCosts.compared(swap, merge, seen.changed(), merges));
        }
        Estimate chosen = merges ? merge : swap;
        if (backfill.rebuild().cutover() == Cutover.HOLD) {
            chosen = Estimates.holding(swap, List.copyOf(live.values()), newBytes);
            findings.add(Finding.note(
                    "hold",
                    "all %,d units are held at once, for which %,d MB of disk are needed until they are swapped"
                            .formatted(
                                    live.size(), Math.max(1, (chosen.shadowBytes() + chosen.indexBytes()) / 1_000_000)),
                    "and what the application writes meanwhile is captured, one small row for each"));
        }
        return new Measured(live, chosen);
    }

    private static double keyBytes(Map<Long, List<String>> keys, Map<String, Double> columnBytes) {
        return keys.values().stream()
                .findFirst()
                .map(columns -> columns.stream()
                        .mapToDouble(c -> columnBytes.getOrDefault(c, 8.0))
                        .sum())
                .orElse(8.0);
    }

    /** What the recompute does to some rows; the findings say what else it does. */
    private SampleCheck.Seen tryRecompute(
            LiveTable table, SetCheck set, List<Leaf> units, Map<Long, List<String>> keys, Map<Long, Long> rows)
            throws SQLException {
        if (backfill.rebuild().source() != null) {
            findings.addAll(new SourceCheck(connection, table, backfill.rebuild()).look(units, keys));
            return NOTHING;
        }
        Set<String> keyColumns = new HashSet<>();
        keys.values().forEach(keyColumns::addAll);
        List<Finding> compiled = set.look(units.get(0), keyColumns);
        findings.addAll(compiled);
        if (compiled.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR)) {
            return NOTHING;
        }
        SampleCheck.Seen seen = new SampleCheck(connection, table, backfill.rebuild())
                .look(
                        units,
                        units.stream()
                                .map(leaf -> rows.getOrDefault(leaf.oid(), 0L))
                                .toList());
        findings.addAll(seen.findings());
        return seen;
    }

    private static List<PlannedUnit> planned(List<Leaf> units, Measured measured) {
        List<PlannedUnit> planned = new ArrayList<>();
        for (Leaf leaf : units) {
            Sizes.Live live = measured.live.get(leaf.oid());
            planned.add(new PlannedUnit(
                    planned.size() + 1,
                    leaf.name(),
                    leaf.boundText(),
                    live == null ? 0 : live.rows(),
                    live == null ? 0 : live.liveBytes(),
                    live == null ? 0 : live.indexBytes()));
        }
        return planned;
    }

    private int serverVersion() throws SQLException {
        return (int) Query.of(connection, "SELECT current_setting('server_version_num')::int")
                .number();
    }
}
