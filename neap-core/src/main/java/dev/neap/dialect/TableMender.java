package dev.neap.dialect;

import dev.neap.dialect.TableVerifier.Looked;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The engine's side of mending a filled table after its run, a few rows at a time. It writes what a batch of the fill would
 * write of these rows, by the fill's rule for what is there already; it deletes nothing but what it has itself put in. Each
 * call is one transaction or, where a row is refused, one for each row. No row's lock is waited for. Failures are
 * {@link NeapException}. Not for use by several threads at once.
 */
public interface TableMender extends AutoCloseable {
    /**
     * Looks at some rows with both sides locked, and writes those that still differ just as they did.
     *
     * @param suspected what was seen of them, by their keys in the walked table; at least one
     */
    Mended mend(Map<List<String>, List<Difference>> suspected);

    /**
     * Looks again at rows that {@link #mend} has put in, and that nobody has written since: one whose source is gone is taken
     * out again, one whose source has changed is written again.
     *
     * @param keys of rows that were put in, at least one
     * @return those that somebody else has locked, of which nothing is known yet
     */
    Set<List<String>> follow(List<List<String>> keys);

    /**
     * Who has written one of the tables in a transaction that is still open and began before the last row was put in, in
     * words; empty where nobody has.
     */
    String stillOpen();

    /** The statement by which these rows are mended. */
    String statement(List<List<String>> keys);

    @Override
    void close();

    /**
     * What came of it.
     *
     * @param looked what was seen under the locks, before anything was written
     * @param left what still differs of each row that was to be written, by key: nothing, or what the fill's rule leaves as it
     *     is, or what the server refused, with the cause. Rows that had changed since, or are locked, are not in it
     * @param put keys of which a row was put in that was not there
     */
    record Mended(Looked looked, Map<List<String>, List<Difference>> left, Set<List<String>> put) {
        public Mended {
            left = Map.copyOf(left);
            put = Set.copyOf(put);
        }
    }
}
