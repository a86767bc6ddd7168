package dev.neap.postgres.fill;

import dev.neap.postgres.planning.OneExpression;
import dev.neap.preflight.Finding;
import java.util.ArrayList;
import java.util.List;

/** What stands between parentheses must stay there. */
final class TextsCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) {
        List<Finding> findings = new ArrayList<>();
        subject.texts()
                .forEach((where, sql) -> OneExpression.objection(sql)
                        .ifPresent(objection -> findings.add(Finding.error(
                                "one-expression",
                                where + " is not one SQL expression: " + objection,
                                "it is put between parentheses, and must stay there",
                                "write one expression over the row's columns, such as lower(email)"))));
        return findings;
    }
}
