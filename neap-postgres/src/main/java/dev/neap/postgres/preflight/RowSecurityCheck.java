package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Policies that hold for Neap's role would hide rows from the load. */
final class RowSecurityCheck implements Check {
    @Override
    public String name() {
        return "row-security";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        List<String> tables = Query.of(
                        subject.connection(),
                        "SELECT oid::regclass::text FROM pg_class WHERE oid = ANY (?::oid[]) AND relrowsecurity"
                                + " AND row_security_active(oid) ORDER BY 1",
                        subject.tableAndUnits())
                .texts();
        if (tables.isEmpty()) {
            return List.of();
        }
        return List.of(
                Finding.error(
                        name(),
                        "row security holds for this role on " + Few.of(tables),
                        "rows that a policy hides would be missing from the rebuilt partition",
                        "run Neap as a role with BYPASSRLS, or ALTER TABLE … NO FORCE ROW LEVEL SECURITY for the time of the run"));
    }
}
