package dev.neap.postgres.preflight;

import dev.neap.postgres.shadow.MergeRefusals;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** What an UPDATE of the live rows, batch after batch, would meet. */
final class MergeCheck implements Check {
    @Override
    public String name() {
        return "merge";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        if (!subject.merges()) {
            return List.of();
        }
        return MergeRefusals.of(
                        subject.connection(),
                        subject.units(),
                        subject.backfill().rebuild().set().keySet())
                .stream()
                .limit(20)
                .map(refusal -> Finding.error(
                        name(),
                        refusal,
                        "a merge updates the live rows where they are, a few at a time, and must not end half-way",
                        "do what it says"))
                .toList();
    }
}
