package dev.neap.verify;

import dev.neap.dialect.Difference;
import dev.neap.dialect.TableVerifier;
import dev.neap.dialect.TableVerifier.Looked;
import java.util.List;
import java.util.Map;

/** The look under a lock that decides about rows which differed at first sight; it may mend them at once. */
@FunctionalInterface
interface SecondLook {
    /**
     * Looks at some rows again.
     *
     * @param suspected what was seen of some rows, by key, in the order in which they were found; at least one
     */
    Seen at(Map<List<String>, List<Difference>> suspected);

    /**
     * What came of it.
     *
     * @param looked what was seen
     * @param left of rows that were mended, what still differs; rows that were not are not in it
     */
    record Seen(Looked looked, Map<List<String>, List<Difference>> left) {}

    /** One that changes nothing. */
    static SecondLook only(TableVerifier bench) {
        return suspected -> new Seen(bench.look(List.copyOf(suspected.keySet()), true), Map.of());
    }
}
