package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.preflight.Few;
import dev.neap.preflight.Finding;
import java.util.List;

/** An UPDATE that moves a row to another partition is told to triggers as a DELETE and an INSERT. */
final class PartitionMovesCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) {
        FillTables tables = subject.tables();
        List<String> lost = tables.into().columns().stream()
                .filter(column -> column.generation() == null)
                .map(LiveTable.Column::name)
                .filter(column -> !subject.fill().columns().contains(column))
                .toList();
        if (!subject.fill().byTrigger() || !tables.from().kind().equals("p") || lost.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.warning(
                "partition-moves",
                "an UPDATE that moves a row to another partition of "
                        + tables.from().name() + " takes its row out of "
                        + tables.into().name() + " and puts it in anew, without what " + Few.of(lost) + " held",
                "PostgreSQL tells a trigger of such an UPDATE as of a DELETE and an INSERT; set does not have these"
                        + " columns",
                "nothing, if no UPDATE changes " + tables.from().partitionKey().replaceFirst("^\\w+ ", "")
                        + " or nobody writes these columns; otherwise let the application write both places"));
    }
}
