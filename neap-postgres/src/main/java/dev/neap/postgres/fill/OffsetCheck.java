package dev.neap.postgres.fill;

import dev.neap.postgres.planning.MaskedSql;
import dev.neap.preflight.Finding;
import java.util.List;
import java.util.regex.Pattern;

/** OFFSET reads and throws away what it skips, for each batch anew, and skips other rows each time. */
final class OffsetCheck implements FillCheck {
    private static final Pattern OFFSET = Pattern.compile("(?<![\\w$.])offset(?![\\w$])", Pattern.CASE_INSENSITIVE);

    @Override
    public List<Finding> look(FillSubject subject) {
        return subject.texts().entrySet().stream()
                .filter(text -> OFFSET.matcher(MaskedSql.of(text.getValue())).find())
                .map(text -> subject.inProd(
                        "offset",
                        text.getKey() + " has OFFSET",
                        "each batch reads and throws away all rows that are skipped, and rows written meanwhile shift"
                                + " what is met",
                        "say which row is meant by its key, such as WHERE id > …, and take OFFSET out"))
                .toList();
    }
}
