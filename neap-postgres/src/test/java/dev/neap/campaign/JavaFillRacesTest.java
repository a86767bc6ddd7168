package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Profile;
import dev.neap.backfill.TableName;
import dev.neap.plan.Plan;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import dev.neap.transform.Type;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an application does between the moment a row is read for a transform in Java and the moment it is written. */
class JavaFillRacesTest {
    private static final String DATABASE = "java_fill_races";
    private static final PostgresServer SERVER = PostgresServer.newest();

    @BeforeEach
    void tables() {
        SERVER.createDatabase(DATABASE);
        SERVER.execute(
                DATABASE,
                "CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL, seen int NOT NULL DEFAULT 0, upper text)",
                "CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, remark text)",
                "INSERT INTO person SELECT g, 'one' || g FROM generate_series(1, 100) g");
    }

    /** Makes names, and calls somebody for each row that it is given. */
    private record Calling(Consumer<String> call, boolean inPlace) implements RowTransform {
        @Override
        public Schema schema() {
            Schema schema = Schema.create().reads("name", Type.TEXT);
            return inPlace
                    ? schema.writes("upper", Type.TEXT)
                    : schema.carries("id", "id").writes("name", Type.TEXT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            String name = Objects.requireNonNull(row.text("name"));
            call.accept(name);
            return List.of(NewRow.of(inPlace ? "upper" : "name", name + "!"));
        }
    }

    @Test
    void a_row_that_changes_while_it_is_transformed_is_read_again() throws Exception {
        Once once = new Once("one7", "UPDATE person SET name = 'two' WHERE id = 7");
        run(new Calling(once, false));

        assertThat(text("SELECT name FROM customer WHERE id = 7")).isEqualTo("two!");
        assertThat(text("SELECT count(*) FROM customer")).isEqualTo("100");
    }

    @Test
    void a_row_that_is_deleted_while_it_is_transformed_is_not_brought_back() throws Exception {
        run(new Calling(
                new Once("one7", "DELETE FROM customer WHERE id = 7", "DELETE FROM person WHERE id = 7"), false));

        assertThat(text("SELECT count(*) FROM customer WHERE id = 7")).isEqualTo("0");
        assertThat(text("SELECT count(*) FROM customer")).isEqualTo("99");
    }

    @Test
    void a_row_of_the_same_table_that_changes_while_it_is_transformed_is_read_again() throws Exception {
        run(new Calling(new Once("one7", "UPDATE person SET name = 'two' WHERE id = 7"), true));

        assertThat(text("SELECT upper FROM person WHERE id = 7")).isEqualTo("two!");
        assertThat(text("SELECT count(*) FROM person WHERE upper = name || '!'"))
                .isEqualTo("100");
    }

    @Test
    void a_value_that_the_application_puts_there_meanwhile_stays() throws Exception {
        run(new Calling(new Once("one7", "UPDATE person SET name = 'two', upper = 'app' WHERE id = 7"), true));

        assertThat(text("SELECT upper FROM person WHERE id = 7")).isEqualTo("app");
    }

    @Test
    void a_row_whose_other_columns_change_all_the_time_is_filled_all_the_same() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        run(new Calling(
                name -> {
                    if (name.equals("one7")) {
                        seen.incrementAndGet();
                        app("UPDATE person SET seen = seen + 1 WHERE id = 7");
                    }
                },
                true));

        assertThat(text("SELECT upper FROM person WHERE id = 7")).isEqualTo("one7!");
        assertThat(seen.get()).isEqualTo(2);
    }

    @Test
    void a_row_that_is_remarked_on_before_it_is_reconciled_is_reconciled_all_the_same() throws Exception {
        Once once = new Once(
                "one7",
                "UPDATE customer SET remark = 'seen' WHERE id = 1",
                // The target of it met nothing, or was another's: what stands there is what was made of the row before.
                "UPDATE person SET name = 'two' WHERE id = 1");
        // In batches of one: row 1 stands there by the time that row 7 is read.
        run(new Calling(once, false), 1);

        assertThat(text("SELECT name || ' ' || remark FROM customer WHERE id = 1"))
                .isEqualTo("two! seen");
    }

    @Test
    void a_row_that_changes_while_it_is_reconciled_is_reconciled_again() throws Exception {
        AtomicBoolean first = new AtomicBoolean(true);
        AtomicBoolean again = new AtomicBoolean(true);
        run(
                new Calling(
                        name -> {
                            if (name.equals("one7") && first.compareAndSet(true, false)) {
                                app("UPDATE person SET name = 'two' WHERE id = 1");
                            } else if (name.equals("two") && again.compareAndSet(true, false)) {
                                app("UPDATE person SET name = 'three' WHERE id = 1");
                            }
                        },
                        false),
                1);

        assertThat(text("SELECT name FROM customer WHERE id = 1")).isEqualTo("three!");
    }

    /** Does something once, when a row of this name is transformed. */
    private static final class Once implements Consumer<String> {
        private final AtomicBoolean done = new AtomicBoolean();
        private final String name;
        private final String[] sql;

        Once(String name, String... sql) {
            this.name = name;
            this.sql = sql;
        }

        @Override
        public void accept(String given) {
            if (given.equals(name) && done.compareAndSet(false, true)) {
                app(sql);
            }
        }
    }

    private static void run(Calling transform) {
        run(transform, 50_000);
    }

    private static void run(Calling transform, int batchRows) {
        Fill fill = Fill.of(
                new TableName("public", "person"),
                new TableName("public", transform.inPlace() ? "person" : "customer"),
                TransformSource.of(() -> transform));
        Backfill backfill =
                new Backfill("races", Profile.DEV, fill, Pace.unlimited(), batchRows, 1, Map.of(), List.of());
        Neap neap = Fills.neap(SERVER.target(DATABASE), Probe.NONE);
        Plan plan = neap.plan(backfill);
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        assertThat(neap.run(plan, RunListener.SILENT, new Stop()).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    private static void app(String... statements) {
        SERVER.execute(DATABASE, statements);
    }

    private static String text(String query) throws Exception {
        try (Connection connection = SERVER.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
