package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.preflight.Few;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Policies that hold for Neap's role: its sessions refuse to leave rows out in silence, so every statement would fail. */
final class PoliciesCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        List<String> named = new ArrayList<>();
        named.add(Names.quote(subject.tables().from().name()));
        named.add(Names.quote(subject.tables().into().name()));
        for (TableName read : subject.fill().reads()) {
            named.add(Names.quote(read));
        }
        List<String> tables = Query.of(subject.connection(), """
                        SELECT c.oid::regclass::text FROM pg_catalog.pg_class c
                        WHERE c.oid IN (SELECT to_regclass(name) FROM unnest(?::text[]) AS name) AND c.relrowsecurity
                          AND row_security_active(c.oid) ORDER BY 1
                        """, named).texts();
        return tables.isEmpty()
                ? List.of()
                : List.of(Finding.error(
                        "row-security",
                        "row security holds for this role on " + Few.of(tables),
                        "rows that a policy hides would be missing from the fill, so Neap's sessions let the server refuse the"
                                + " statement instead",
                        "run Neap as a role with BYPASSRLS, or ALTER TABLE … NO FORCE ROW LEVEL SECURITY for the time of"
                                + " the run"));
    }
}
