package dev.neap.verify;

import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Replaced;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The file's own assertions about each partition. Before a swap `:shadow` is the corrected partition and `:live` the one as it
 * was; afterwards the first is live, and the second is kept.
 */
final class PartitionAssertions {
    /** So many partitions for which one does not hold are named. */
    private static final int MOST_NAMED = 5;

    private static final String OLD = ":live";

    private final Predicate<String> ask;
    private final Map<String, String> assertions;
    private final Map<String, List<TableName>> broken = new LinkedHashMap<>();

    /** @param ask whether a query says true; a {@link NeapException} where it cannot be run */
    PartitionAssertions(Predicate<String> ask, Map<String, String> assertions) {
        this.ask = ask;
        this.assertions = assertions;
    }

    /**
     * Asks all of them about a partition.
     *
     * @return what could not be asked, in words
     * @throws NeapException USAGE where one cannot be run
     */
    List<String> ask(TableName partition, Replaced replaced) {
        List<String> notAsked = new ArrayList<>();
        assertions.forEach((name, sql) -> {
            if (sql.contains(OLD) && !replaced.comparable()) {
                notAsked.add("not asked: the assertion '" + name + "', which reads the old rows (" + OLD + ")");
                return;
            }
            List<TableName> where = broken.computeIfAbsent(name, unused -> new ArrayList<>());
            if (!holds(name, sql, partition, replaced.kept())) {
                where.add(partition);
            }
        });
        return notAsked;
    }

    private boolean holds(String name, String sql, TableName partition, TableName kept) {
        try {
            return ask.test(sql.replace(":shadow", partition.sql()).replace(OLD, kept.sql()));
        } catch (NeapException e) {
            throw new NeapException(
                    e.kind(),
                    "assert." + name + ": the assertion cannot be run for " + partition + ": " + e.getMessage(),
                    e);
        }
    }

    /** What became of each that was asked, over all partitions. */
    List<Assertion> judged() {
        return broken.entrySet().stream()
                .map(each -> new Assertion(
                        each.getKey() + where(each.getValue()),
                        String.valueOf(assertions.get(each.getKey())),
                        each.getValue().isEmpty()))
                .toList();
    }

    private static String where(List<TableName> partitions) {
        if (partitions.isEmpty()) {
            return "";
        }
        List<String> named =
                partitions.stream().limit(MOST_NAMED).map(TableName::toString).toList();
        int more = partitions.size() - named.size();
        return " (" + String.join(", ", named) + (more > 0 ? " and " + more + " more" : "") + ")";
    }
}
