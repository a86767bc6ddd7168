package dev.neap.postgres.fill;

import dev.neap.backfill.Fill;
import dev.neap.backfill.TableName;
import dev.neap.postgres.planning.TableFinder;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The order in which several tables are filled: what a row references, and what it is made of, comes first; otherwise the
 * file's order. A foreign key counts where the fill sets one of its columns. Two that go each way between two tables, by
 * triggers, need not wait for each other.
 */
final class TableOrder {
    /** Foreign keys of a table and of its partitions: the referenced table, both sides' columns, and what may be null. */
    private static final String FOREIGN_KEYS = """
            SELECT n.nspname, r.relname, k.confdeltype IN ('c', 'n', 'd'),
                   array(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS c(num, place)
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.num ORDER BY c.place),
                   array(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS c(num, place)
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.num ORDER BY c.place),
                   array(SELECT a.attname::text FROM unnest(k.conkey) AS c(num) JOIN pg_catalog.pg_attribute a
                         ON a.attrelid = k.conrelid AND a.attnum = c.num WHERE NOT a.attnotnull)
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class r ON r.oid = coalesce(pg_partition_root(k.confrelid), k.confrelid)
            JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
            WHERE k.contype = 'f' AND k.conparentid = 0
              AND (k.conrelid = ?::oid OR k.conrelid IN (SELECT relid FROM pg_partition_tree(?::oid::regclass)))
            ORDER BY k.conname
            """;

    private final List<Fill> fills;
    private final List<List<Need>> needs = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    private TableOrder(List<Fill> fills) {
        this.fills = fills;
    }

    /** That one fill comes after another, which is given by its place in the file, and why. */
    private record Need(int first, String why, List<String> nullable) {}

    private record ForeignKey(
            TableName to, boolean gives, List<String> columns, List<String> referenced, List<String> nullable) {}

    /**
     * The fills in their order; in the file's where that is refused.
     *
     * @param findings what speaks against it
     */
    record Order(List<Fill> fills, List<Finding> findings) {}

    static Order of(Connection connection, List<Fill> fills) throws SQLException {
        TableOrder order = new TableOrder(fills);
        for (int i = 0; i < fills.size(); i++) {
            order.needs.add(order.needsOf(connection, i));
        }
        return order.sorted();
    }

    private List<Need> needsOf(Connection connection, int of) throws SQLException {
        List<Need> all = new ArrayList<>();
        Fill fill = fills.get(of);
        List<ForeignKey> keys = foreignKeys(connection, fill.into());
        for (int i = 0; i < fills.size(); i++) {
            Fill other = fills.get(i);
            if (i == of) {
                continue;
            }
            for (ForeignKey key : keys) {
                if (key.to().equals(other.into())
                        && !Collections.disjoint(key.columns(), fill.set().keySet())
                        && !Collections.disjoint(key.referenced(), other.set().keySet())) {
                    all.add(new Need(i, words(fill, key), key.nullable()));
                    noteDeletes(fill, key);
                }
            }
            if (fill.from().equals(other.into()) && !(fill.inPlace() && other.inPlace()) && !fill.goesBackOn(other)) {
                all.add(new Need(i, fill.into() + " is filled from " + other.into(), List.of()));
            } else if (fill.reads().contains(other.into()) && !fill.into().equals(other.into())) {
                all.add(new Need(i, fill.into() + " reads " + other.into(), List.of()));
            }
        }
        return all;
    }

    private static String words(Fill fill, ForeignKey key) {
        return fill.into() + " (" + String.join(", ", key.columns()) + ") references " + key.to();
    }

    private void noteDeletes(Fill fill, ForeignKey key) {
        if (!key.gives()) {
            findings.add(Finding.note(
                    "on-delete",
                    words(fill, key) + " without ON DELETE CASCADE or SET NULL",
                    "where the application deletes both rows, Neap may just have put the referencing one there, from a source"
                            + " that was not deleted yet; the DELETE in " + key.to()
                            + " then fails, and succeeds when it is tried again"));
        }
    }

    private static List<ForeignKey> foreignKeys(Connection connection, TableName table) throws SQLException {
        long oid = new TableFinder(connection).find(table).oid();
        return Query.of(connection, FOREIGN_KEYS, oid, oid)
                .list(r -> new ForeignKey(
                        new TableName(r.getString(1), r.getString(2)),
                        r.getBoolean(3),
                        List.of((String[]) r.getArray(4).getArray()),
                        List.of((String[]) r.getArray(5).getArray()),
                        List.of((String[]) r.getArray(6).getArray())));
    }

    private Order sorted() {
        Set<Integer> done = new LinkedHashSet<>();
        while (done.size() < fills.size()) {
            Optional<Integer> next = Optional.empty();
            for (int i = 0; i < fills.size() && next.isEmpty(); i++) {
                if (!done.contains(i) && needs.get(i).stream().allMatch(need -> done.contains(need.first()))) {
                    next = Optional.of(i);
                }
            }
            if (next.isEmpty()) {
                findings.add(cycle(done));
                return new Order(fills, findings);
            }
            done.add(next.get());
        }
        return new Order(done.stream().map(fills::get).toList(), findings);
    }

    /** Each that is left needs another that is left: whoever follows that comes round. */
    private Finding cycle(Set<Integer> done) {
        List<Integer> walked = new ArrayList<>();
        List<Need> path = new ArrayList<>();
        int at = IntStream.range(0, fills.size())
                .filter(i -> !done.contains(i))
                .findFirst()
                .orElseThrow();
        while (!walked.contains(at)) {
            walked.add(at);
            Need need = needs.get(at).stream()
                    .filter(n -> !done.contains(n.first()))
                    .findFirst()
                    .orElseThrow();
            path.add(need);
            at = need.first();
        }
        List<Need> round = path.subList(walked.indexOf(at), path.size());
        return Finding.error(
                "table-order",
                "the tables wait for each other: "
                        + round.stream().map(Need::why).collect(Collectors.joining("; ")),
                "what a row references, or is made of, has to be there before it",
                fix(round));
    }

    private static boolean eachWay(Fill one, Fill other) {
        return one.from().equals(other.into()) && one.into().equals(other.from());
    }

    private String fix(List<Need> round) {
        if (round.size() == 2
                && eachWay(
                        fills.get(round.get(0).first()), fills.get(round.get(1).first()))) {
            return "say dual_write: trigger in both entries, so that each of the two tables follows the other; or leave one"
                    + " of the entries out";
        }
        return round.stream()
                .filter(need -> !need.nullable().isEmpty())
                .findFirst()
                .map(need -> "of " + need.why() + ": leave " + String.join(", ", need.nullable())
                        + " out of its entry, as it may be null, and set it in one more entry that fills only this"
                        + " column, of the same table, from what the others were made of")
                .orElse("add a foreign key of these when all tables are filled (NOT VALID, then VALIDATE)");
    }
}
