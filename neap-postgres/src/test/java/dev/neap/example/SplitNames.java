package dev.neap.example;

import dev.neap.library.JavaFill;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.RunResult;
import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.Type;
import java.util.List;

/** The example of docs/guide.md: an application's own main. */
public final class SplitNames implements RowTransform {
    @Override
    public Schema schema() {
        return Schema.create()
                .carries("id", "id")
                .reads("full_name", Type.TEXT)
                .writes("first_name", Type.TEXT)
                .writes("last_name", Type.TEXT);
    }

    @Override
    public List<NewRow> transform(Row row) {
        String[] names = row.text("full_name").split(" ", 2);
        return List.of(NewRow.of("first_name", names[0]).with("last_name", names[1]));
    }

    public static void main(String[] args) {
        RunResult result = JavaFill.of("split-names", "users_legacy", "users", SplitNames::new)
                .where("full_name LIKE '% %'")
                .rate(20_000)
                .run(new PostgresDialect(), args[0]);
        System.out.println(result.outcome() + ": " + result.rows() + " rows");
    }
}
