package dev.neap.mysql.query;

import dev.neap.control.RetryCause;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells failures apart by the server's error number and by SQLState, never by message text. */
public final class SqlFailures {
    private static final int DUPLICATE = 1062;
    /** What the server says of data under the common SQLState HY000 or 01000: truncated, no JSON, no such function value. */
    private static final Set<Integer> DATA_NUMBERS = Set.of(1265, 1366, 1411, 4035, 4036, 4037, 4038, 4039, 4040);
    /** Classes of SQLState that say that a row's data is at fault; 45 is what a trigger of the user's says. */
    private static final Set<String> DATA_CLASSES = Set.of("21", "22", "23", "44", "45");

    private SqlFailures() {}

    /** The failure in Neap's terms. Already ours: as it is. */
    public static NeapException explain(Throwable failure) {
        if (failure instanceof NeapException ours) {
            return ours;
        }
        SQLException sql = sqlIn(failure);
        if (sql == null) {
            String message = Objects.requireNonNullElse(
                    failure.getMessage(), failure.getClass().getSimpleName());
            return new NeapException(Kind.STOP, message, failure);
        }
        // The driver's own complaint about a value, with no number and no SQLState: the session is well.
        boolean value = sql instanceof SQLDataException && state(sql).isEmpty();
        Kind kind = value ? Kind.STOP : kind(sql.getErrorCode(), state(sql));
        return new NeapException(kind, retryCause(sql.getErrorCode(), kind), words(sql), failure);
    }

    /** The SQLState, never null. */
    public static String state(SQLException e) {
        return Objects.requireNonNullElse(e.getSQLState(), "");
    }

    /** Why the data is at fault, in words; empty when something else is. */
    public static String bad(NeapException e) {
        SQLException sql = sqlIn(e);
        boolean data = sql != null
                && (DATA_NUMBERS.contains(sql.getErrorCode())
                        || (state(sql).length() == 5
                                && DATA_CLASSES.contains(state(sql).substring(0, 2))));
        return data ? String.valueOf(e.getMessage()) : "";
    }

    /** Whether a row with this key, or with this value of another unique index, is there. */
    public static boolean duplicate(NeapException e) {
        SQLException sql = sqlIn(e);
        return sql != null && sql.getErrorCode() == DUPLICATE;
    }

    private static @Nullable SQLException sqlIn(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SQLException e) {
                return e;
            }
        }
        return null;
    }

    static Kind kind(int number, String state) {
        return switch (number) {
            // Lock wait, and NOWAIT.
            case 1205 -> Kind.LOCK;
            // Deadlock; a row changed since it was read; the statement took too long, or was cancelled.
            case 1213, 1020, 1969, 1317, 1040, 1203 -> Kind.RETRY;
            // The session was killed, the server goes down or became a replica.
            case 1927, 1053, 1152, 1290, 4031 -> Kind.UNKNOWN;
            case 1044, 1045, 1049, 1142, 1143, 1227, 1370, 1419 -> Kind.USAGE;
            case 1021, 1114, 1030, 1034, 1712 -> Kind.STOP;
            default -> byClass(state);
        };
    }

    static RetryCause retryCause(int number, Kind kind) {
        return switch (number) {
            case 1205 -> RetryCause.LOCK;
            case 1213 -> RetryCause.DEADLOCK;
            case 1020 -> RetryCause.CONFLICT;
            case 1969, 1317 -> RetryCause.CANCELLED;
            case 1040, 1203, 1044, 1045, 1049 -> RetryCause.CONNECTION;
            default -> kind == Kind.UNKNOWN ? RetryCause.CONNECTION : RetryCause.OTHER;
        };
    }

    private static Kind byClass(String state) {
        // None at all: the session was closed, by whoever noticed first that it is lost.
        if (state.isEmpty() || state.startsWith("08")) {
            return Kind.UNKNOWN;
        }
        return state.startsWith("28") ? Kind.USAGE : Kind.UNIT;
    }

    /** What the server said, without the driver's decoration. */
    public static String words(SQLException e) {
        return Objects.requireNonNullElse(e.getMessage(), "no message")
                        .replaceFirst("^\\(conn=-?\\d+\\) ", "")
                        .replaceAll("\\s*\\n\\s*", "; ")
                        .strip()
                + " (error " + e.getErrorCode() + ", SQLSTATE " + state(e) + ")";
    }
}
