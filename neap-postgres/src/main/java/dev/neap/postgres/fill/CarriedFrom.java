package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;

/**
 * The setting that names the tables from which rows are being carried over at this moment, by their identities: a trigger
 * that would carry a row back to one of them does nothing. So two triggers, one each way, end after one step.
 */
final class CarriedFrom {
    static final String SETTING = "neap.carried_from";

    private CarriedFrom() {}

    /** An expression that says so for the transaction, in a session that carries over nothing else. */
    static String mark(LiveTable from) {
        return "set_config('" + SETTING + "', '" + from.oid() + "', true)";
    }
}
