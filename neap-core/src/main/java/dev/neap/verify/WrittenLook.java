package dev.neap.verify;

import dev.neap.dialect.Difference;
import dev.neap.dialect.SecondWrites;
import dev.neap.dialect.TableVerifier;
import dev.neap.dialect.TableVerifier.Looked;
import java.util.List;
import java.util.Map;

/** Looks again at rows that somebody wrote, and asks of those that agree how they came into both places. */
final class WrittenLook implements SecondLook {
    private final TableVerifier bench;
    private final String since;
    private SecondWrites writes = SecondWrites.NONE;

    /** @param since the moment from which writes are watched */
    WrittenLook(TableVerifier bench, String since) {
        this.bench = bench;
        this.since = since;
    }

    @Override
    public Seen at(Map<List<String>, List<Difference>> suspected) {
        List<List<String>> keys = List.copyOf(suspected.keySet());
        Looked looked = bench.look(keys, true);
        agree(keys, looked);
        return new Seen(looked, Map.of());
    }

    /** Asks of those of some rows that agreed when they were looked at. */
    void agree(List<List<String>> keys, Looked looked) {
        List<List<String>> agree = keys.stream()
                .filter(key ->
                        !looked.busy().contains(key) && !looked.differing().containsKey(key))
                .toList();
        if (!agree.isEmpty()) {
            writes = writes.and(bench.writes(agree, since));
        }
    }

    SecondWrites writes() {
        return writes;
    }
}
