package dev.neap.postgres.fill;

import dev.neap.postgres.planning.PlainSql;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sequences of the target that would hand out numbers which the fill puts there. */
final class SequencesCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (Sequences.Copied copied : Sequences.copied(subject.connection(), subject.tables())) {
            if (copied.indexed()) {
                findings.addAll(tooShort(subject, copied));
            }
        }
        if (!subject.fill().inPlace()) {
            findings.addAll(notFollowed(subject));
        }
        return findings;
    }

    private static List<Finding> tooShort(FillSubject subject, Sequences.Copied copied) throws SQLException {
        Sequences.Numbers own = copied.own();
        String last = own.down() ? String.valueOf(own.least()) : String.valueOf(own.most());
        return PlainSql.list(
                subject.connection(),
                "SELECT furthest.n FROM (SELECT " + copied.furthest("true") + " AS n) AS furthest WHERE furthest.n "
                        + (own.down() ? "<" : ">") + " " + last,
                row -> Finding.error(
                        "sequences",
                        own.sql() + " ends with " + last + ", and " + copied.column() + " of " + copied.from()
                                + " goes as far as " + row.getString(1),
                        "it cannot be moved past the numbers that are copied",
                        "ALTER SEQUENCE " + own.sql() + (own.down() ? " NO MINVALUE" : " NO MAXVALUE")));
    }

    /** Numbers that an expression or Java makes are not known before they are written. */
    private static List<Finding> notFollowed(FillSubject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        FillTables tables = subject.tables();
        for (String column : subject.fill().columns()) {
            boolean followed = tables.copies().containsKey(column)
                    || subject.fill().set().getOrDefault(column, "").contains("nextval");
            Optional<Sequences.Numbers> own = followed
                    ? Optional.empty()
                    : Sequences.sequence(subject.connection(), tables.into().name(), column);
            own.ifPresent(numbers -> findings.add(Finding.warning(
                    "sequences",
                    numbers.sql() + " is not moved: " + column + " of "
                            + tables.into().name() + " takes numbers from it, and is set to what is no column of "
                            + subject.fill().from(),
                    "an insert of the application's that takes a number which the fill has put there fails",
                    "move it past the highest number that the fill makes, with setval, before the run")));
        }
        return findings;
    }
}
