package dev.neap.backfill;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server says of itself, and the limit at which nothing is written where the file names none. What its machine says
 * is heeded only where the file asks: Neap's own work, which is on the same machine then, is in it.
 */
public enum ServerSignal {
    /** Sessions, of all that the server lets ordinary roles have. */
    CONNECTIONS("share of connections in use", Kind.SHARE, 90),
    /** The age of the oldest transaction of others that keeps dead rows from being removed. */
    TRANSACTION("age of the oldest transaction", Kind.TIME, 3_600),
    /** Log that is written and not archived. */
    ARCHIVE_BACKLOG("archive backlog", Kind.BYTES, 0x1p30),
    /** Log that the replication slot which is farthest behind keeps. */
    SLOT_WAL("retained log", Kind.BYTES, 10 * 0x1p30),
    /** Dead rows of a table that is written, of all its rows. */
    DEAD_ROWS("share of dead rows", Kind.SHARE, 60),
    /** Deadlocks in the database between two looks. */
    DEADLOCKS("count of new deadlocks", Kind.COUNT, 4),
    /** What is written to the log in a second. */
    WAL_RATE("log written per second", Kind.BYTES, 0x1p28),
    /** What is written to temporary files in a second. */
    TEMP_FILES("temporary files written per second", Kind.BYTES, 0x1p28),
    /** Of the disk with the server's data. */
    DISK("share of the disk in use", Kind.SHARE, 97),
    /** How long the application's statements take, against what they took before the run. */
    STATEMENTS("statement time", Kind.TIMES, 3),
    /** How long a commit takes, against what it took before the run. */
    COMMITS("commit time", Kind.TIMES, 3),
    /** How long a commit takes beside and between batches, against what it takes between them. */
    DISTURBANCE("disturbance", Kind.TIMES, 1.35),
    /** Of all processors of the server's machine. */
    CPU("share of the processors in use", Kind.SHARE),
    /** Of the time in which the disk with the server's data had something to do. */
    DISK_BUSY("share of time in which the disk is busy", Kind.SHARE),
    /** How long one read or write of that disk takes. */
    DISK_WAIT("time of a disk operation", Kind.TIME),
    /** How many there are in a second. */
    DISK_OPERATIONS("disk operations per second", Kind.COUNT);

    /** What a limit is counted in, and how it is written. */
    private enum Kind {
        SHARE("a share such as 90%"),
        TIME("a time such as 1h"),
        BYTES("a size such as 10GB"),
        COUNT("a whole number such as 4"),
        TIMES("a multiple such as 3x");

        private final String wanted;

        Kind(String wanted) {
            this.wanted = wanted;
        }
    }

    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,6}) ?([MGT])B");
    private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,8}");

    private final String label;
    private final Kind kind;
    private final double limit;

    ServerSignal(String label, Kind kind) {
        this(label, kind, Double.POSITIVE_INFINITY);
    }

    ServerSignal(String label, Kind kind, double limit) {
        this.label = label;
        this.kind = kind;
        this.limit = limit;
    }

    /** Its name, for people: `archive backlog`. */
    public String label() {
        return label;
    }

    /** The limit where the file names none: percent, seconds, bytes, a count or a multiple; infinite where it is off then. */
    public double limit() {
        return limit;
    }

    /** Whether it tells of the load of the server's machine. */
    public boolean ofMachine() {
        return Double.isInfinite(limit);
    }

    /** Whether it is measured by commits of Neap's own. */
    public boolean byCommits() {
        return this == COMMITS || this == DISTURBANCE;
    }

    /** Whether it may come of reading, too, or tells what readers feel. */
    boolean tellsOfReading() {
        return ofMachine() || this == CONNECTIONS || this == TEMP_FILES || this == STATEMENTS;
    }

    /** As it is written in a backfill file: `archive_backlog`. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What to write for its limit. */
    String wanted() {
        return "write " + kind.wanted + ", or none";
    }

    /** A limit as it is written, over zero; empty when the text is none of this signal's. */
    OptionalDouble parse(String text) {
        String trimmed = text.strip();
        OptionalDouble value = switch (kind) {
            case SHARE ->
                Share.parse(trimmed).map(share -> number(share.share() * 100)).orElse(OptionalDouble.empty());
            case TIME ->
                Durations.parse(trimmed)
                        .map(time -> number(time.toMillis() / 1e3))
                        .orElse(OptionalDouble.empty());
            case BYTES -> size(trimmed);
            case COUNT ->
                COUNT.matcher(trimmed).matches() ? number(Double.parseDouble(trimmed)) : OptionalDouble.empty();
            case TIMES ->
                Times.parse(trimmed).map(times -> number(times.times())).orElse(OptionalDouble.empty());
        };
        return value.isPresent() && value.getAsDouble() > 0 ? value : OptionalDouble.empty();
    }

    private static OptionalDouble size(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            return OptionalDouble.empty();
        }
        int power = 20 + 10 * "MGT".indexOf(size.group(2));
        return number(Math.scalb(Double.parseDouble(size.group(1)), power));
    }

    private static OptionalDouble number(double value) {
        return OptionalDouble.of(value);
    }
}
