package dev.neap.mysql.query;

import dev.neap.backfill.TableName;
import java.util.Collection;
import java.util.stream.Collectors;

/** Names and texts as SQL. Names are always quoted, so that none can be anything but a name. */
public final class Names {
    private Names() {}

    /** A name, quoted. */
    public static String quote(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    /** A table's database and name, quoted. */
    public static String quote(TableName table) {
        return quote(table.schema()) + '.' + quote(table.name());
    }

    /** Names, quoted, with commas between. */
    public static String list(Collection<String> names) {
        return names.stream().map(Names::quote).collect(Collectors.joining(", "));
    }

    /** A text as a literal. Neap's own sessions read backslashes: their sql_mode is set. */
    public static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
