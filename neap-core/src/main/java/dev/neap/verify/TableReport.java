package dev.neap.verify;

import dev.neap.backfill.TableName;
import dev.neap.dialect.Difference;
import dev.neap.dialect.SecondWrites;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found of one filled table, or of one rebuilt partition.
 *
 * @param from the walked table; of a rebuild the partition that was replaced, where it was kept
 * @param into the table that was written; of a rebuild the live partition
 * @param replaced whether it is about a partition that a rebuild replaced
 * @param scope which rows were compared, and by what
 * @param claims what its columns were compared with
 * @param rows how many rows were compared
 * @param differences how many rows differ, by kind; every kind is in it
 * @param named some of them, in the order in which they were found; at most {@link #MOST_NAMED}
 * @param notes what was not looked at, in words
 * @param fix what became of rows that were to be mended; null where nothing was
 * @param sample what the rows say of all, where they were picked at random; null where every row was compared
 * @param writes how the rows that agree came into both places; null where it was not watched how they are written, or both
 *     places are one row
 * @param sittings who compared what, and when; null where one process compared all of it
 */
public record TableReport(
        TableName from,
        TableName into,
        boolean replaced,
        VerifyRequest.Scope scope,
        List<Claim> claims,
        Rows rows,
        Map<Difference.Kind, Long> differences,
        List<Mismatch> named,
        List<String> notes,
        @Nullable Fix fix,
        @Nullable Sample sample,
        @Nullable SecondWrites writes,
        @Nullable Sittings sittings) {
    /** All rows that differ are counted, and the first so many are named. */
    public static final int MOST_NAMED = 100;

    public TableReport {
        claims = List.copyOf(claims);
        differences = Collections.unmodifiableMap(new EnumMap<>(differences));
        named = List.copyOf(named);
        notes = List.copyOf(notes);
    }

    /** Compared by one process alone. */
    public TableReport(
            TableName from,
            TableName into,
            boolean replaced,
            VerifyRequest.Scope scope,
            List<Claim> claims,
            Rows rows,
            Map<Difference.Kind, Long> differences,
            List<Mismatch> named,
            List<String> notes,
            @Nullable Fix fix,
            @Nullable Sample sample) {
        this(from, into, replaced, scope, claims, rows, differences, named, notes, fix, sample, null, null);
    }

    /** The same, compared in these sittings; null for one. */
    public TableReport in(@Nullable Sittings some) {
        return new TableReport(
                from, into, replaced, scope, claims, rows, differences, named, notes, fix, sample, writes, some);
    }

    /** The same, of rows that came into both places like this; null where both are one row. */
    public TableReport written(@Nullable SecondWrites how) {
        return new TableReport(
                from, into, replaced, scope, claims, rows, differences, named, notes, fix, sample, how, sittings);
    }

    /**
     * Rows that were looked at.
     *
     * @param expected rows that were expected
     * @param actual rows of the target in the same part of the key
     * @param skipped rows that are right by the word of `already_right` alone, and were not compared
     * @param written of a rebuild rows that somebody has written since the swap, and that were not compared
     * @param settled rows that differed at first, and no longer when they were looked at again: the application was between
     *     its two writes
     * @param parts parts of the key whose checksums, or aggregates, were compared
     */
    public record Rows(long expected, long actual, long skipped, long written, long settled, long parts) {}

    /**
     * What became of rows that were to be mended.
     *
     * @param mended how many were, by kind; every kind is in it
     * @param unfollowed rows that were put in, and might be somebody's to delete: a transaction that was older, or held them,
     *     has outlasted the wait
     * @param sql the statements, where they were to be printed and not executed
     */
    public record Fix(Map<Difference.Kind, Long> mended, long unfollowed, List<String> sql) {
        public Fix {
            mended = Collections.unmodifiableMap(new EnumMap<>(mended));
            sql = List.copyOf(sql);
        }
    }

    /**
     * A verification that was stopped, and gone on with. Every time is the database's.
     *
     * @param number how many processes were at it, at least 2
     * @param upTo the key up to which earlier ones had compared every part
     * @param began when the first of them began
     * @param stopped when the last of them came to that key
     * @param resumed when this one began to look again at what differed, and to compare what lies behind that key
     * @param ended when it was through
     */
    public record Sittings(
            int number, List<String> upTo, Instant began, Instant stopped, Instant resumed, Instant ended) {
        public Sittings {
            upTo = List.copyOf(upTo);
        }
    }

    /** All rows that differed when they were compared. */
    public long differing() {
        return sum(differences);
    }

    /** Of these, rows that still do. */
    public long left() {
        return differing() - (fix == null ? 0 : sum(fix.mended()));
    }

    private static long sum(Map<Difference.Kind, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Whether what its scope claims is shown. No evidence proves nothing: not where all rows were skipped, none was written,
     * or none is meant.
     */
    public boolean proved() {
        return switch (scope) {
            case SAMPLE -> sample != null && sample.holds();
            case WRITTEN -> differing() == 0 && rows.expected() > 0;
            case EVERY_ROW, AGGREGATES -> left() == 0 && (fix == null || fix.unfollowed() == 0) && evidence();
        };
    }

    /** A partition without a row was replaced by one without a row: that is seen, and is no want of evidence. */
    private boolean evidence() {
        return rows.expected() > 0 || (replaced && !claims.isEmpty() && rows.written() == 0);
    }
}
