package dev.neap.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.library.JavaFill;
import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A fill from an application's own main, as the guide shows it. */
class SplitNamesTest {
    private static final PostgresServer SERVER = PostgresServer.newest();
    private static final String DATABASE = "example";
    private static final String URL = "postgresql://postgres@localhost:" + SERVER.port() + "/" + DATABASE;

    @Test
    void the_example_fills() throws Exception {
        SERVER.createDatabase(DATABASE);
        SERVER.execute(
                DATABASE,
                "CREATE TABLE users_legacy (id bigint PRIMARY KEY, full_name text NOT NULL)",
                "CREATE TABLE users (id bigint PRIMARY KEY, first_name text, last_name text)",
                "INSERT INTO users_legacy SELECT n, 'Ada Lovelace ' || n FROM generate_series(1, 500) n",
                "INSERT INTO users_legacy VALUES (501, 'Cher')");

        SplitNames.main(new String[] {URL});

        try (Connection connection = SERVER.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT count(*), max(id) FROM users WHERE first_name = 'Ada' AND last_name = 'Lovelace ' || id")) {
            row.next();
            assertThat(row.getLong(1)).isEqualTo(500);
            assertThat(row.getLong(2)).isEqualTo(500);
        }
        assertThatThrownBy(() -> JavaFill.of("other", "users", "users_legacy", SplitNames::new)
                        .run(new PostgresDialect(), URL))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("dev.neap.example.SplitNames: its schema writes or carries first_name:"
                        + " public.users_legacy has no column first_name");
    }

    @Test
    void the_guide_shows_it_as_it_is() throws Exception {
        List<String> guide = Files.readAllLines(Path.of("../docs/guide.md"));
        String code = Files.readString(Path.of("src/test/java/dev/neap/example/SplitNames.java"));
        String shown = String.join(
                "\n",
                guide.subList(guide.indexOf("public final class SplitNames implements RowTransform {"), guide.size()));

        assertThat(code).contains(shown.substring(0, shown.indexOf("```")));
    }
}
