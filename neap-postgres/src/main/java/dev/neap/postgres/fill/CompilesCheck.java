package dev.neap.postgres.fill;

import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Whether the server takes the statements with the file's expressions in them. */
final class CompilesCheck implements FillCheck {
    private static final String NAME = "expressions";

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        FillNames names = FillNames.standIns();
        String failure = subject.failure("EXPLAIN " + new WalkSql(subject.tables(), names).compiled());
        if (failure != null) {
            return List.of(Finding.error(
                    NAME,
                    "the statement of a batch does not compile: " + failure,
                    "each expression stands over a row of "
                            + subject.tables().from().name(),
                    "correct fill.set, fill.where or fill.already_right"));
        }
        String alone = subject.fill().inPlace() || subject.fill().transform() != null
                ? null
                : subject.failure("EXPLAIN " + new ReconcileSql(subject.tables(), names).fromWas("'{}'::json"));
        return alone == null
                ? List.of()
                : List.of(Finding.error(
                        NAME,
                        "fill.set does not compile over a single row: " + alone,
                        "a row that was changed meanwhile is looked at as it was before",
                        "write the columns of " + subject.tables().from().name() + " without its schema"));
    }
}
