package dev.neap.bench;

import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.Type;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** What the measured fill makes of a user, in Java. */
public final class SplitUser implements RowTransform {
    @Override
    public Schema schema() {
        return Schema.create()
                .reads("full_name", Type.TEXT)
                .reads("email", Type.TEXT)
                .carries("id", "id")
                .writes("first_name", Type.TEXT)
                .writes("last_name", Type.TEXT)
                .writes("email", Type.TEXT);
    }

    @Override
    public List<NewRow> transform(Row row) {
        String name = Objects.requireNonNull(row.text("full_name"));
        int blank = name.indexOf(' ');
        return List.of(NewRow.of("first_name", name.substring(0, blank))
                .with("last_name", name.substring(blank + 1))
                .with("email", Objects.requireNonNull(row.text("email")).toLowerCase(Locale.ROOT)));
    }
}
