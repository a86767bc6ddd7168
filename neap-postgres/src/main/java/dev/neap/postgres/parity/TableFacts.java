package dev.neap.postgres.parity;

import dev.neap.backfill.TableName;
import dev.neap.parity.Fact;
import dev.neap.parity.Survey;
import dev.neap.parity.Weight;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How the tables in question are defined. */
final class TableFacts {
    private static final String TOPIC = "schema";

    private static final String COLUMNS = """
            SELECT 'column ' || quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
                   || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
                   || CASE WHEN a.attgenerated <> '' THEN ' generated' ELSE '' END
                   || CASE WHEN a.attidentity <> '' THEN ' identity' ELSE '' END
                   || coalesce(' collate ' || (SELECT quote_ident(c.collname) FROM pg_catalog.pg_collation c
                                               WHERE c.oid = a.attcollation AND c.collname <> 'default'), '')
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
            """;

    private static final String INDEXES = """
            SELECT 'index ' || i.oid::regclass, pg_get_indexdef(i.oid) || CASE WHEN x.indisvalid THEN '' ELSE ' (invalid)' END
            FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
            WHERE x.indrelid = ?::oid ORDER BY 1
            """;

    private static final String CONSTRAINTS = """
            SELECT 'constraint ' || quote_ident(c.conname),
                   pg_get_constraintdef(c.oid) || CASE WHEN c.convalidated THEN '' ELSE ' (not valid)' END
            FROM pg_catalog.pg_constraint c WHERE c.conrelid = ?::oid AND c.contype IN ('c', 'f', 'x') ORDER BY 1
            """;

    private static final String TRIGGERS = """
            SELECT 'trigger ' || quote_ident(t.tgname),
                   CASE t.tgenabled WHEN 'D' THEN 'disabled: ' ELSE '' END || pg_get_triggerdef(t.oid)
            FROM pg_catalog.pg_trigger t WHERE t.tgrelid = ?::oid AND NOT t.tgisinternal AND t.tgname !~ '^neap_' ORDER BY 1
            """;

    private static final String INBOUND = """
            SELECT 'referenced by ' || c.conrelid::regclass || ' ' || quote_ident(c.conname), pg_get_constraintdef(c.oid)
            FROM pg_catalog.pg_constraint c
            WHERE c.contype = 'f' AND c.confrelid = ?::oid AND c.conparentid = 0 ORDER BY 1
            """;

    private static final String STORAGE = """
            SELECT 'storage', coalesce((SELECT amname FROM pg_catalog.pg_am WHERE oid = c.relam), 'none')
                   || coalesce(', ' || array_to_string(c.reloptions, ', '), '')
            FROM pg_catalog.pg_class c WHERE c.oid = ?::oid
            """;

    private static final String KIND = """
            SELECT 'kind', CASE c.relkind WHEN 'p' THEN 'partitioned: ' || pg_get_partkeydef(c.oid) ELSE 'plain' END
                   || CASE c.relpersistence WHEN 'u' THEN ', unlogged' ELSE '' END
            FROM pg_catalog.pg_class c WHERE c.oid = ?::oid
            """;

    private TableFacts() {}

    static Survey of(Connection connection, List<TableName> tables) throws SQLException {
        // Or names are qualified, or not, as each server's settings want.
        Query.of(connection, "SELECT set_config('search_path', '', true)").list(row -> row.getString(1));
        List<Fact> facts = new ArrayList<>();
        for (TableName table : tables) {
            Optional<Long> oid = Query.of(connection, "SELECT to_regclass(?)::oid::bigint", Names.quote(table))
                    .first(row -> row.getLong(1))
                    .filter(found -> found != 0);
            facts.add(new Fact(TOPIC, table.sql(), oid.isPresent() ? "there" : "not there", Weight.WORTHLESS));
            if (oid.isPresent()) {
                for (String sql : List.of(KIND, COLUMNS, INDEXES, TRIGGERS)) {
                    add(connection, sql, oid.get(), table, Weight.WORTHLESS, facts);
                }
                for (String sql : List.of(CONSTRAINTS, INBOUND, STORAGE)) {
                    add(connection, sql, oid.get(), table, Weight.MATTERS, facts);
                }
            }
        }
        return new Survey(facts, List.of(), List.of());
    }

    private static void add(
            Connection connection, String sql, long table, TableName name, Weight weight, List<Fact> facts)
            throws SQLException {
        facts.addAll(Query.of(connection, sql, table)
                .list(row -> new Fact(TOPIC, name.sql() + " " + row.getString(1), row.getString(2), weight)));
    }
}
