package dev.neap.verify;

import dev.neap.dialect.Difference;
import dev.neap.dialect.TableMender;
import dev.neap.dialect.TableVerifier;
import dev.neap.dialect.TableVerifier.Looked;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes down the statements that would mend what counts, and changes nothing. */
final class MendingSql implements SecondLook {
    /** Statements are kept for so many rows; the others are counted. */
    static final int MOST_ROWS = 10_000;

    private final TableVerifier bench;
    private final TableMender table;
    private final List<String> statements = new ArrayList<>();
    private long rows;
    private long more;

    MendingSql(TableVerifier bench, TableMender table) {
        this.bench = bench;
        this.table = table;
    }

    @Override
    public Seen at(Map<List<String>, List<Difference>> suspected) {
        Looked looked = bench.look(List.copyOf(suspected.keySet()), true);
        List<List<String>> keys = suspected.entrySet().stream()
                .filter(one -> !looked.busy().contains(one.getKey())
                        && one.getValue().equals(looked.differing().get(one.getKey()))
                        && one.getValue().stream().anyMatch(Difference::canBeWritten))
                .map(Map.Entry::getKey)
                .toList();
        if (!keys.isEmpty()) {
            if (rows + keys.size() <= MOST_ROWS) {
                rows += keys.size();
                statements.add(table.statement(keys));
            } else {
                more += keys.size();
            }
        }
        return new Seen(looked, Map.of());
    }

    List<String> statements() {
        return statements;
    }

    /** Rows for which no statement was kept. */
    long more() {
        return more;
    }
}
