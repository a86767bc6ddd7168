package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.preflight.Privilege;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What the role may not do and the run does. */
final class FillPrivilegesCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (TableName read : subject.fill().reads()) {
            if (!Query.of(subject.connection(), "SELECT to_regclass(?) IS NOT NULL", Names.quote(read))
                    .truth()) {
                findings.add(Finding.error(
                        "reads",
                        "fill.reads: there is no table " + read,
                        "nothing can be read from it",
                        "correct its name"));
            }
        }
        if (!findings.isEmpty()) {
            return findings;
        }
        String role = Query.of(subject.connection(), "SELECT quote_ident(current_user)")
                .text();
        for (Privilege privilege : FillPrivileges.of(subject.connection(), subject.tables())) {
            if (!privilege.held()) {
                findings.add(privilege.finding("privileges", role));
            }
        }
        return findings;
    }
}
