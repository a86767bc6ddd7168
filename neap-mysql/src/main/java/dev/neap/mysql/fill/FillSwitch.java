package dev.neap.mysql.fill;

import dev.neap.mysql.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The dead-man's switch of a fill's capture. It is a sequence, which no transaction rolls back and every snapshot sees as
 * it is now: an old transaction of the application sees that it was renewed.
 */
public final class FillSwitch {
    private FillSwitch() {}

    /** Puts it there, unless it is. */
    public static void prepare(Connection c, long run, Duration life) throws SQLException {
        String name = new FillNames(run).aliveUntil();
        long there = Query.number(
                c,
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'neap' AND table_name = 'fill_alive_"
                        + run + "'");
        if (there == 0) {
            Query.execute(c, "CREATE SEQUENCE IF NOT EXISTS " + name + " MINVALUE 0 START 0 NOCACHE");
            set(c, run, life);
        }
    }

    /** Renews it; false when it had lapsed. One second early, so that no writer can see it lapsed in between. */
    public static boolean renew(Connection c, long run, Duration life) throws SQLException {
        boolean alive = Query.truth(
                c,
                "SELECT next_not_cached_value > unix_timestamp(sysdate()) + 1 FROM " + new FillNames(run).aliveUntil());
        if (alive) {
            set(c, run, life);
        }
        return alive;
    }

    /** Sets it anew. It only ever moves on. */
    public static void set(Connection c, long run, Duration life) throws SQLException {
        long now = Query.number(c, "SELECT CAST(unix_timestamp(sysdate()) AS SIGNED)");
        Query.execute(c, "SELECT setval(" + new FillNames(run).aliveUntil() + ", " + (now + life.toSeconds()) + ")");
    }

    /** Takes it away at the end of a run. */
    public static void drop(Connection c, long run) throws SQLException {
        Query.execute(c, "DROP SEQUENCE IF EXISTS " + new FillNames(run).aliveUntil());
    }
}
