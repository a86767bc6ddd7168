package dev.neap.postgres;

import dev.neap.control.ControlSql;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The control tables in PostgreSQL's words. */
final class PostgresControlSql implements ControlSql {
    @Override
    public String now() {
        return "clock_timestamp()";
    }

    @Override
    public String later(String millis) {
        return "clock_timestamp() + " + millis + " * interval '1 millisecond'";
    }

    @Override
    public String seconds(String from, String to) {
        return "extract(epoch FROM " + to + " - " + from + ")";
    }

    @Override
    public String keyParameter() {
        return "?::text[]";
    }

    @Override
    public @Nullable Object key(@Nullable List<String> key) {
        return key == null ? null : key.toArray(String[]::new);
    }

    @Override
    public String orAddOne(String table, String key, String count) {
        return "ON CONFLICT (" + key + ") DO UPDATE SET " + count + " = " + table + "." + count + " + 1";
    }
}
