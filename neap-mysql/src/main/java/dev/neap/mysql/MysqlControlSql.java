package dev.neap.mysql;

import dev.neap.control.ControlSql;
import dev.neap.mysql.query.Keys;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The control tables in MariaDB's words. */
final class MysqlControlSql implements ControlSql {
    @Override
    public String now() {
        return "sysdate(6)";
    }

    @Override
    public String later(String millis) {
        return "sysdate(6) + INTERVAL " + millis + " * 1000 MICROSECOND";
    }

    @Override
    public String seconds(String from, String to) {
        return "timestampdiff(MICROSECOND, " + from + ", " + to + ") / 1000000";
    }

    @Override
    public String keyParameter() {
        return "?";
    }

    @Override
    public @Nullable Object key(@Nullable List<String> key) {
        return key == null ? null : Keys.write(key);
    }

    @Override
    public String orAddOne(String table, String key, String count) {
        return "ON DUPLICATE KEY UPDATE " + count + " = " + count + " + 1";
    }
}
