package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What the role may not do and the run does. */
final class FillPrivilegesCheck implements FillCheck {
    private static final String NAME = "privileges";

    private static final String OWNERS = """
            WITH RECURSIVE tree AS (
                SELECT ?::oid AS oid
                UNION ALL SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)
            SELECT quote_ident(r.rolname), string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid)
            FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
            WHERE NOT pg_has_role(current_user, r.oid, 'USAGE') GROUP BY r.rolname ORDER BY r.rolname
            """;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        FillTables tables = subject.tables();
        if (subject.fill().inPlace()) {
            table(subject, tables.from(), List.of("SELECT", "UPDATE"), findings);
        } else {
            table(subject, tables.from(), List.of("SELECT"), findings);
            table(subject, tables.into(), List.of("SELECT", "INSERT", "UPDATE", "DELETE"), findings);
            owner(subject, findings);
            sequences(subject, findings);
        }
        for (TableName read : subject.fill().reads()) {
            reads(subject, read, findings);
        }
        return findings;
    }

    private static void table(FillSubject subject, LiveTable table, List<String> wanted, List<Finding> findings)
            throws SQLException {
        for (String one : wanted) {
            if (!Query.of(subject.connection(), "SELECT has_table_privilege(?::oid, ?)", table.oid(), one)
                    .truth()) {
                findings.add(Finding.error(
                        NAME,
                        "the role may not " + one + " on " + table.name(),
                        "the fill needs it",
                        "GRANT " + one + " ON " + table.name().sql() + " TO the role"));
            }
        }
    }

    /** Whoever may make a trigger may not say that it fires always: replication would write past it. */
    private static void owner(FillSubject subject, List<Finding> findings) throws SQLException {
        findings.addAll(
                Query.of(subject.connection(), OWNERS, subject.tables().from().oid())
                        .list(r -> Finding.error(
                                NAME,
                                "the role is not a member of " + r.getString(1) + ", which owns " + r.getString(2),
                                "only an owner may let capture's triggers fire for replicated writes too (ENABLE ALWAYS)",
                                "GRANT " + r.getString(1) + " TO the role")));
    }

    private static void sequences(FillSubject subject, List<Finding> findings) throws SQLException {
        for (Sequences.Use use : Sequences.used(subject.connection(), subject.tables())) {
            for (String one : use.privileges()) {
                if (!Query.of(subject.connection(), "SELECT has_sequence_privilege(?, ?)", use.sequence(), one)
                        .truth()) {
                    findings.add(Finding.error(
                            NAME,
                            "the role may not " + one + " on sequence " + use.sequence(),
                            "the target's sequence is moved past the copied ids before anyone collides",
                            "GRANT " + one + " ON SEQUENCE " + use.sequence() + " TO the role"));
                }
            }
        }
    }

    private static void reads(FillSubject subject, TableName table, List<Finding> findings) throws SQLException {
        List<Boolean> may = Query.of(
                        subject.connection(),
                        "SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_catalog.pg_class c"
                                + " WHERE c.oid = to_regclass(?)",
                        Names.quote(table))
                .list(r -> r.getBoolean(1));
        if (may.isEmpty()) {
            findings.add(Finding.error(
                    "reads",
                    "fill.reads: there is no table " + table,
                    "nothing can be read from it",
                    "correct its name"));
        } else if (!may.get(0)) {
            findings.add(Finding.error(
                    NAME,
                    "the role may not SELECT on " + table,
                    "the expressions of the fill read it",
                    "GRANT SELECT ON " + table.sql() + " TO the role"));
        }
    }
}
