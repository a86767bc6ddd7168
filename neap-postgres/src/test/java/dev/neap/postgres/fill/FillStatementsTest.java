package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.plan.PlannedUnit.Segment;
import dev.neap.testkit.Jars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every statement of a fill as it is sent, word for word, in golden files. Renew them with -Dneap.renew=true, and read the
 * difference.
 */
class FillStatementsTest {
    private static final Path FILES = Path.of("src", "test", "resources", "golden");
    private static final int GRACE_MS = 5_000;

    private static void asIn(String file, FillDatabase db, String fill) throws Exception {
        FillTables tables;
        try (var connection = db.connect()) {
            tables = FillTables.read(connection, db.backfill(fill).fill());
        }
        String sql = new FillStatements(tables, new FillNames(7, 1), GRACE_MS)
                .all(new Segment(1, List.of("3", "it's"), List.of("9", "z")), List.of("4", "a"), 500).stream()
                        .map(one -> "-- " + one.name() + "\n" + (one.settings().isEmpty() ? "" : one.settings() + ";\n")
                                + one.sql() + ";\n")
                        .collect(Collectors.joining("\n"));
        renewed(file, sql);
        assertThat(FILES.resolve(file)).content().isEqualTo(sql);
    }

    private static void renewed(String file, String sql) throws IOException {
        if (Boolean.getBoolean("neap.renew")) {
            Files.writeString(FILES.resolve(file), sql);
        }
    }

    @Test
    void the_statements_of_a_fill_are_as_in_the_golden_files(@TempDir Path folder) throws Exception {
        Jars.write(folder.resolve("t.jar"), Transforms.ALL);
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (a int, b text COLLATE \"C\", tags text, n int, at timestamptz, up text, PRIMARY KEY (a, b))",
                    "CREATE TABLE t (a int, b text, n numeric(9, 2), at timestamptz, PRIMARY KEY (a, b))",
                    "CREATE TABLE item (a int, b text, price int, cents numeric(12, 0), PRIMARY KEY (a, b))");

            asIn("fill-column.sql", db, "fill: { into: s, set: { up: upper(tags) } }\n");
            asIn(
                    "fill-table.sql",
                    db,
                    "fill: { from: s, into: t, where: 'n > 0', conflict: newer(at), set: { a: a, b: b, n: n + 1, at: at } }\n");
            asIn(
                    "fill-java.sql",
                    db,
                    "fill:\n  into: item\n  transform: { class: " + Transforms.Cents.class.getName() + ", jar: "
                            + folder.resolve("t.jar") + " }\n");
        }
    }
}
