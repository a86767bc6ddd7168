package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Names;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The setting that names the tables from which rows are being carried over at this moment: a trigger that would carry a row
 * back to one of them does nothing. So two triggers, one each way, end after one step. They are told by their names, as in
 * all else of such a trigger: a table that was restored from a dump has another identity.
 */
final class CarriedFrom {
    static final String SETTING = "neap.carried_from";

    private CarriedFrom() {}

    /** A table as a literal without spaces, by which it is told. */
    static String token(LiveTable table) {
        return Names.literal(URLEncoder.encode(table.name().sql(), StandardCharsets.UTF_8));
    }

    /** An expression that says so for the transaction, in a session that carries over nothing else. */
    static String mark(LiveTable from) {
        return "set_config('" + SETTING + "', " + token(from) + ", true)";
    }
}
