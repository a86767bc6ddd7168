package dev.neap.postgres.preflight;

import dev.neap.backfill.SourceRecompute;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Each privilege that this session's role lacks, with the statement that grants it. */
final class PrivilegesCheck implements Check {
    @Override
    public String name() {
        return "privileges";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        String role = Query.of(subject.connection(), "SELECT quote_ident(current_user)")
                .text();
        List<Finding> findings = new ArrayList<>();
        List<Privilege> needed = new ArrayList<>(Privilege.of(subject.connection(), subject.table()));
        SourceRecompute source = subject.backfill().rebuild().source();
        if (source != null) {
            needed.addAll(SourcePrivileges.of(subject.connection(), source));
        }
        for (Privilege privilege : needed) {
            if (!privilege.held()) {
                findings.add(privilege.finding(name(), role));
            }
        }
        return findings;
    }
}
