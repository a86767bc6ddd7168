package dev.neap.dialect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The engine's side of the verification of one filled table. Both sides, what is expected and what is there, are computed
 * and hashed in the database. It writes nothing; only {@link #look} may lock rows. Each call is one transaction. Failures are
 * {@link NeapException}. Not for use by several threads at once.
 */
public interface TableVerifier extends AutoCloseable {
    /** What it can tell of this table, and on what. */
    Ground ground();

    /** SHA-256, in hex, of the columns of both tables: with others a part of the key is no longer the same part. */
    String shape();

    /**
     * The last key of either side, now; empty where no row is. What is inserted behind it later is not waited for, or beside
     * an application that inserts faster than it is read there would be no end.
     */
    Optional<List<String>> last();

    /**
     * The key at which so many rows of either side lie behind the beginning of a part; empty where neither side has as many
     * in it.
     *
     * @param rows at least 1
     */
    Optional<List<String>> upper(Part part, int rows);

    /** Compares a part as a whole. */
    Compared compare(Part part);

    /**
     * Compares the aggregates of a part: how many rows, and of each column how many values, their sum, the smallest and the
     * largest, of canonical forms. Errors that cancel out in all of them are not seen.
     */
    Compared aggregates(Part part);

    /** The rows of a part that differ, in the key's order; for a part of a few rows. */
    List<Difference> differences(Part part);

    /**
     * Looks at some rows.
     *
     * @param keys keys of the walked table, at least one
     * @param locked whether both sides are locked against writers first; no lock is waited for
     */
    Looked look(List<List<String>> keys, boolean locked);

    /** About how many rows the walked table has. */
    long rows();

    /**
     * Picks places of the walked table at random, and yields the key of the row at each, where one is that is compared: each
     * row is as likely as any other, and may be picked twice.
     *
     * @param places how many, at least 1
     */
    List<List<String>> pick(int places, RandomGenerator random);

    /** This moment, as {@link #written} takes it. */
    String moment();

    /**
     * The keys of rows of either side, in a part, that transactions have written which began after a moment. A row that was
     * deleted leaves no trace.
     */
    List<List<String>> written(Part part, String since);

    /**
     * How rows that agree came into both places since a moment.
     *
     * @param keys keys of the walked table, at least one
     */
    SecondWrites writes(List<List<String>> keys, String since);

    /**
     * Whether all that was seen so far told an unfinished run's rows from the application's: a run that ends forgets which
     * were its own. True where there is no such run.
     */
    default boolean tellsApart() {
        return true;
    }

    @Override
    void close();

    /**
     * What a verification stands on.
     *
     * @param extras why rows of the target that nothing yields cannot be told from others, in words; empty where they can
     */
    record Ground(String extras) {}

    /**
     * A part of the key: after one key, up to another.
     *
     * @param after null for no beginning
     * @param upTo null for no end
     */
    record Part(@Nullable List<String> after, @Nullable List<String> upTo) {
        /** The whole key. */
        public static final Part ALL = new Part(null, null);

        /** What lies before a key, that included. */
        public Part before(List<String> key) {
            return new Part(after, key);
        }

        /** What lies after a key. */
        public Part behind(List<String> key) {
            return new Part(key, upTo);
        }
    }

    /**
     * What came of a part.
     *
     * @param expected rows that were expected
     * @param actual rows that are there
     * @param skipped rows that are right by their own word alone, or of a rebuild were written since, and were not compared
     * @param same whether both sides have the same checksum, or the same aggregates
     * @param bad why a row of the part cannot be computed; the other values mean nothing then. Empty when all could
     */
    record Compared(long expected, long actual, long skipped, boolean same, String bad) {}

    /**
     * What came of a look at some rows. A key in neither is right.
     *
     * @param busy keys that somebody else has locked, which says nothing of them
     * @param differing what differs, by key
     */
    record Looked(Set<List<String>> busy, Map<List<String>, List<Difference>> differing) {
        public Looked {
            busy = Set.copyOf(busy);
            differing = Map.copyOf(differing);
        }
    }
}
