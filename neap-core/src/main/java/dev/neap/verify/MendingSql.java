package dev.neap.verify;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
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
    private final Fill fill;
    private final List<String> statements = new ArrayList<>();
    private long rows;
    private long more;

    MendingSql(TableVerifier bench, TableMender table, Fill fill) {
        this.bench = bench;
        this.fill = fill;
        this.table = table;
    }

    @Override
    public Seen at(Map<List<String>, List<Difference>> suspected) {
        Looked looked = bench.look(List.copyOf(suspected.keySet()), true);
        List<List<String>> keys = suspected.entrySet().stream()
                .filter(one -> !looked.busy().contains(one.getKey())
                        && one.getValue().equals(looked.differing().get(one.getKey()))
                        && one.getValue().stream().anyMatch(this::mayBeWritten))
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

    /** Into another table the rule keep puts in what is missing, and leaves alone what is there. */
    private boolean mayBeWritten(Difference difference) {
        return difference.canBeWritten()
                && (difference.kind() == Difference.Kind.MISSING
                        || fill.inPlace()
                        || fill.conflict().rule() != Conflict.Rule.KEEP);
    }

    List<String> statements() {
        return statements;
    }

    /** Rows for which no statement was kept. */
    long more() {
        return more;
    }
}
