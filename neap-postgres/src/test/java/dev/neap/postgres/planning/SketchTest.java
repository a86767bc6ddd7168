package dev.neap.postgres.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.plan.TableSketch;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SketchTest {
    private static Planning database;

    @BeforeAll
    static void a_database() {
        database = new Planning(PostgresServer.newest(), "sketch").withEvents();
        database.execute(
                "CREATE TABLE \"Odd Name\" (a int)",
                "CREATE VIEW seen AS SELECT 1 AS one",
                "CREATE TABLE fresh (id int) PARTITION BY RANGE (id)",
                "CREATE TABLE fresh_0 PARTITION OF fresh DEFAULT WITH (autovacuum_enabled = false)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"events", "EVENTS", "public.events", "\"public\".\"events\""})
    void sketches_a_partitioned_table_however_it_is_typed(String typed) throws SQLException {
        TableSketch sketch = sketch(typed);

        assertThat(sketch.table()).isEqualTo(new TableName("public", "events"));
        assertThat(sketch.key()).containsExactly("id", "at");
        assertThat(sketch.partitionStrategy()).isEqualTo("range");
        assertThat(sketch.partitionKey()).isEqualTo("RANGE (at)");
        assertThat(sketch.partitions()).as("with the DEFAULT partition").isEqualTo(13);
        assertThat(sketch.lowest()).isEqualTo("2024-01-01 00:00:00+00");
        assertThat(sketch.highest()).isEqualTo("2025-01-01 00:00:00+00");
        assertThat(sketch.rows()).isEqualTo(2400);
        assertThat(sketch.columns()).contains(new TableSketch.Column("doubled", "numeric", true));
        assertThat(sketch.columns()).contains(new TableSketch.Column("amount", "numeric(10,2)", false));
    }

    @Test
    void rows_that_nobody_has_counted_are_not_none() throws SQLException {
        assertThat(sketch("fresh").rows()).isZero();
        database.execute("INSERT INTO fresh SELECT 1");
        assertThat(sketch("fresh").rows()).isEqualTo(-1);
        database.execute("ANALYZE fresh");
        assertThat(sketch("fresh").rows()).isEqualTo(1);
    }

    @Test
    void sketches_a_plain_table() throws SQLException {
        TableSketch sketch = sketch("\"Odd Name\"");

        assertThat(sketch.partitionStrategy()).isNull();
        assertThat(sketch.key()).isEmpty();
        assertThat(sketch.partitions()).isZero();
    }

    @Test
    void a_wrong_name_brings_the_nearest() {
        assertThatThrownBy(() -> sketch("public.evnts"))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.USAGE))
                .hasMessage("There is no table public.evnts here; did you mean public.events?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Odd Name", "a.b.c.d.e", "\"open", ""})
    void what_is_no_name_is_a_usage_error(String typed) {
        assertThatThrownBy(() -> sketch(typed))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.USAGE));
    }

    @Test
    void a_view_is_no_table() {
        assertThatThrownBy(() -> sketch("seen")).hasMessageContaining("public.seen is no table");
    }

    private static TableSketch sketch(String typed) throws SQLException {
        try (Connection connection = database.connect()) {
            return new PostgresPlanner(connection, StepSqlSource.NONE).describe(typed);
        }
    }
}
