package dev.neap.postgres.query;

import dev.neap.backfill.TableName;
import java.util.Collection;
import java.util.stream.Collectors;

/** Names and texts as SQL. Names are always quoted, so that none can be anything but a name. */
public final class Names {
    private Names() {}

    /** A name, quoted. */
    public static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A table's schema and name, quoted. */
    public static String quote(TableName table) {
        return quote(table.schema()) + '.' + quote(table.name());
    }

    /** Names, quoted, with commas between. */
    public static String list(Collection<String> names) {
        return names.stream().map(Names::quote).collect(Collectors.joining(", "));
    }

    /** The body of a function or a block, between dollar quotes that do not stand in it. */
    public static String body(String sql) {
        String tag = "$neap$";
        for (int i = 0; sql.contains(tag); i++) {
            tag = "$neap_" + i + "$";
        }
        return tag + "\n" + sql + tag;
    }

    /** A text as a literal. Without a backslash outside `E''` it means the same whatever the server's settings. */
    public static String literal(String text) {
        String quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'";
        return text.indexOf('\\') < 0 ? quoted : " E" + quoted;
    }
}
