package dev.neap.postgres.query;

import dev.neap.control.RetryCause;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tells failures apart by SQLState, never by message text. */
public final class SqlFailures {
    /** Somebody else owns the unit. */
    public static final String LOST_LEASE = "NP001";
    /** The catalog of the live partition is not as it was. */
    public static final String CHANGED = "NP002";
    /** Changes came in after the last drain. */
    public static final String PENDING = "NP003";
    /** Capture lapsed or overflowed. */
    public static final String VOID = "NP004";

    /** The role may not log in, or not into this database. */
    public static final String LOGIN = "28000";

    private static final String LOGIN_CLASS = "28";

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
        return new NeapException(kind(state(sql)), retryCause(state(sql)), words(sql), failure);
    }

    /** The SQLState, never null. */
    public static String state(SQLException e) {
        return Objects.requireNonNullElse(e.getSQLState(), "");
    }

    private static @Nullable SQLException sqlIn(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SQLException e) {
                return e;
            }
        }
        return null;
    }

    static Kind kind(String state) {
        return switch (state) {
            case LOST_LEASE -> Kind.LOST_LEASE;
            case PENDING, "55P03" -> Kind.LOCK;
            case CHANGED, VOID -> Kind.RETRY;
            case "40001", "40P01", "57014", "53300" -> Kind.RETRY;
            case "57P01", "57P02", "57P03", "57P05", "25P03", "25P04" -> Kind.UNKNOWN;
            case "3D000", "42501" -> Kind.USAGE;
            case "53100" -> Kind.FULL;
            case "53200", "58030", "XX001", "XX002" -> Kind.STOP;
            default -> byClass(state);
        };
    }

    static RetryCause retryCause(String state) {
        return switch (state) {
            case PENDING, "55P03" -> RetryCause.LOCK;
            case "40P01" -> RetryCause.DEADLOCK;
            case "40001" -> RetryCause.CONFLICT;
            case "57014" -> RetryCause.CANCELLED;
            case "53300" -> RetryCause.CONNECTION;
            case "3D000" -> RetryCause.CONNECTION;
            default -> kind(state) == Kind.UNKNOWN || refusesLogin(state) ? RetryCause.CONNECTION : RetryCause.OTHER;
        };
    }

    private static boolean refusesLogin(String state) {
        return state.startsWith(LOGIN_CLASS);
    }

    private static Kind byClass(String state) {
        // None at all: the session was closed, by whoever noticed first that it is lost.
        if (state.isEmpty() || state.startsWith("08")) {
            return Kind.UNKNOWN;
        }
        if (refusesLogin(state)) {
            return Kind.USAGE;
        }
        return Kind.UNIT;
    }

    private static String words(SQLException e) {
        String message = Objects.requireNonNullElse(e.getMessage(), "no message");
        return message.replace("ERROR: ", "")
                        .replace("FATAL: ", "")
                        .replaceAll("\\s*\\n\\s*", "; ")
                        .strip() + " (SQLSTATE " + state(e) + ")";
    }
}
