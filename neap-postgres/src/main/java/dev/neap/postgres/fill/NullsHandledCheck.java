package dev.neap.postgres.fill;

import dev.neap.backfill.Fill;
import dev.neap.postgres.fill.ReadStatement.Reading;
import dev.neap.postgres.fill.SeenStatements.Statement;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.preflight.Few;
import dev.neap.preflight.Finding;
import dev.neap.preflight.NullsHandled;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Whether readers cope with what is not filled yet, as far as the statements show that the server has seen. That none was
 * seen is no evidence.
 */
final class NullsHandledCheck implements FillCheck {
    /** What is done at night is seen once a day. */
    private static final Duration LEAST = Duration.ofDays(1);

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        List<String> nullable = subject.tables().into().columns().stream()
                .filter(column -> !column.notNull())
                .map(LiveTable.Column::name)
                .filter(subject.fill().columns()::contains)
                .toList();
        return NullsHandled.asked(subject.backfill(), nullable) && !subject.goesBack()
                ? List.of(verdict(
                        subject.fill(),
                        nullable,
                        SeenStatements.of(subject, subject.tables().into().name())))
                : List.of();
    }

    /** @param nullable the columns that are filled and may be null */
    static Finding verdict(Fill fill, List<String> nullable, SeenStatements seen) {
        if (!seen.blind().isEmpty()) {
            return NullsHandled.unseen(fill, nullable, seen.blind());
        }
        List<String> doubts = new ArrayList<>();
        Set<String> copes = new LinkedHashSet<>();
        if (fill.inPlace()) {
            for (String column : nullable) {
                judge(column, seen, s -> new ReadStatement(s.words(), fill.into()).of(column), doubts, copes);
            }
        } else {
            judge(
                    "rows of " + fill.into(),
                    seen,
                    s -> new ReadStatement(s.words(), fill.into()).ofRows(),
                    doubts,
                    copes);
        }
        thin(seen, doubts);
        String found = copes.isEmpty() ? "" : "these cope: " + Few.of(List.copyOf(copes));
        if (doubts.isEmpty()) {
            return NullsHandled.seen(fill, nullable, found);
        }
        return NullsHandled.unseen(fill, nullable, String.join("; ", doubts) + (found.isEmpty() ? "" : "; " + found));
    }

    private static void judge(
            String what,
            SeenStatements seen,
            Function<Statement, Reading> reading,
            List<String> doubts,
            Set<String> copes) {
        List<String> bare = new ArrayList<>();
        boolean coped = false;
        for (Statement statement : seen.statements()) {
            switch (reading.apply(statement)) {
                case BARE -> bare.add(statement.toString());
                case COPES -> {
                    copes.add(statement.toString());
                    coped = true;
                }
                case NONE -> {}
            }
        }
        if (!bare.isEmpty()) {
            doubts.add("statements read " + what + " without a word for that case: " + Few.of(bare));
        } else if (!coped) {
            doubts.add("pg_stat_statements has no statement that reads " + what);
        }
    }

    /** What was not seen may do anything. */
    private static void thin(SeenStatements seen, List<String> doubts) {
        if (seen.more()) {
            doubts.add("more than %,d statements name the table".formatted(SeenStatements.MOST));
        }
        if (!seen.unread().isEmpty()) {
            doubts.add("statements of " + Few.of(seen.unread()) + " cannot be read");
        }
        if (seen.leftOut() > 0) {
            doubts.add("pg_stat_statements had no room, and left statements out %,d times".formatted(seen.leftOut()));
        }
        if (seen.collected().compareTo(LEAST) < 0) {
            doubts.add("pg_stat_statements has collected for less than a day");
        }
    }
}
