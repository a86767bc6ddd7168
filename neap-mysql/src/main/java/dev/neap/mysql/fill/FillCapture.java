package dev.neap.mysql.fill;

import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Capture on the walked table: the keys of rows that the application writes during a fill, and what they were before. Past
 * the deadline or the size the triggers do nothing, and then the run cannot go on: what escaped is not known.
 *
 * <p>DDL commits by itself, so a process that lost its lease may still be at it. That is why nothing here is dropped or
 * replaced before the end: whatever is made is made where it is not there, and is the same whoever makes it.
 */
final class FillCapture {
    /** From here on the sequence of changes says that some are missing: far above every limit, far below its own end. */
    static final long VOID = 1_000_000_000_000_000_000L;

    /**
     * What a value ends with that its column of the changes cannot hold: somebody has widened the column of the walked table
     * since. The application's write must not fail for it.
     */
    private static final String TOO_LARGE = "1264, 1265, 1292, 1366, 1406";

    private static final List<String> EVENTS = List.of("i", "u", "d");

    private final FillTables tables;
    private final FillNames names;
    private final KeySql key;

    FillCapture(FillTables tables, FillNames names) {
        this.tables = tables;
        this.names = names;
        this.key = new KeySql(tables.walk());
    }

    /** Everything that the triggers write to; no lock on a table of the application's. */
    List<String> create(long limit) {
        String keys = key.each(i -> tables.key().get(i).copy(FillNames.KEY_PREFIX + i), ", ");
        String was = tables.from().columns().stream()
                .map(c -> c.copy(FillNames.was(c.name())))
                .collect(Collectors.joining(", "));
        return List.of(
                "CREATE SEQUENCE IF NOT EXISTS " + names.sequence() + " NOCACHE",
                "CREATE SEQUENCE IF NOT EXISTS " + names.limit() + " MINVALUE 0 START 0 NOCACHE",
                "SELECT setval(" + names.limit() + ", " + limit + ")",
                "CREATE TABLE IF NOT EXISTS " + names.changes()
                        + " (seq bigint NOT NULL PRIMARY KEY, op char(1) NOT NULL,"
                        + " at datetime(6) NOT NULL DEFAULT utc_timestamp(6), " + keys + ", " + was + ", KEY neap_key ("
                        + key.each(i -> FillNames.KEY_PREFIX + i, ", ") + ")) ENGINE = InnoDB CHARACTER SET utf8mb4");
    }

    /** The triggers, each once it is not there yet. */
    List<String> createTriggers() {
        return EVENTS.stream().map(this::trigger).toList();
    }

    private String trigger(String event) {
        String timing = switch (event) {
            case "i" -> "INSERT";
            case "u" -> "UPDATE";
            default -> "DELETE";
        };
        String body = switch (event) {
            case "i" -> record("I", "NEW", false);
            case "d" -> record("D", "OLD", true);
            default ->
                "IF " + key.each(i -> tables.key().get(i).same("OLD." + column(i), "NEW." + column(i)), " AND ")
                        + " THEN " + record("U", "NEW", true) + " ELSE " + record("K", "OLD", true)
                        + " SET neap_n = nextval(" + names.sequence() + "); " + record("I", "NEW", false) + " END IF;";
        };
        return FillNames.briefly("CREATE TRIGGER IF NOT EXISTS "
                + Names.quote(tables.from().name().schema()) + "." + Names.quote(names.trigger(event)) + " AFTER "
                + timing + " ON " + Names.quote(tables.from().name()) + " FOR EACH ROW BEGIN DECLARE neap_n bigint;"
                + " DECLARE EXIT HANDLER FOR " + TOO_LARGE + " SET neap_n = setval(" + names.sequence() + ", " + VOID
                + ");"
                + " IF (SELECT next_not_cached_value FROM " + names.aliveUntil() + ") > unix_timestamp(sysdate()) THEN"
                + " SET neap_n = nextval(" + names.sequence() + ");"
                + " IF neap_n <= (SELECT next_not_cached_value FROM " + names.limit() + ") THEN " + body
                + " ELSEIF neap_n < " + VOID + " THEN SET neap_n = setval(" + names.sequence() + ", " + VOID
                + "); END IF; END IF; END");
    }

    private String record(String op, String row, boolean was) {
        String all = was
                ? tables.from().columns().stream()
                        .map(c -> ", " + Names.quote(FillNames.was(c.name())))
                        .collect(Collectors.joining())
                : "";
        String values = was
                ? tables.from().columns().stream()
                        .map(c -> ", OLD." + c.quoted())
                        .collect(Collectors.joining())
                : "";
        return "INSERT INTO " + names.changes() + " (seq, op, at, " + key.each(i -> FillNames.KEY_PREFIX + i, ", ")
                + all
                + ") VALUES (neap_n, '" + op + "', utc_timestamp(6), "
                + key.each(i -> row + "." + column(i), ", ") + values + ");";
    }

    private String column(int i) {
        return tables.key().get(i).quoted();
    }

    /** Takes the triggers off; nothing need be there. */
    List<String> dropTriggers() {
        return EVENTS.stream()
                .map(event -> FillNames.briefly("DROP TRIGGER IF EXISTS "
                        + Names.quote(tables.from().name().schema()) + "." + Names.quote(names.trigger(event))))
                .toList();
    }

    /** Whether every trigger is there. */
    boolean inPlace(Connection c) throws SQLException {
        return Query.number(
                        c,
                        "SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = "
                                + Names.literal(tables.from().name().schema()) + " AND event_object_table = "
                                + Names.literal(tables.from().name().name()) + " AND trigger_name IN ("
                                + EVENTS.stream()
                                        .map(event -> Names.literal(names.trigger(event)))
                                        .collect(Collectors.joining(", "))
                                + ")")
                == EVENTS.size();
    }

    /** Whether writes may have escaped since it was put in place. */
    boolean lapsed(Connection c) throws SQLException {
        return Query.truth(
                c,
                "SELECT (SELECT next_not_cached_value FROM " + names.sequence() + ") >= " + VOID
                        + " OR (SELECT next_not_cached_value FROM " + names.aliveUntil()
                        + ") <= unix_timestamp(sysdate())");
    }

    /** Lets so many more changes be recorded from now on. */
    void allow(Connection c, long more) throws SQLException {
        long last = Query.number(c, "SELECT next_not_cached_value FROM " + names.sequence());
        if (last < VOID) {
            Query.execute(c, "SELECT setval(" + names.limit() + ", " + (last + more) + ")");
        }
    }
}
