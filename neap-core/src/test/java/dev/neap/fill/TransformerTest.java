package dev.neap.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.transform.BatchTransform;
import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import dev.neap.transform.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class TransformerTest {
    private static final Schema SCHEMA = Schema.create().reads("n", Type.INT).writes("m", Type.INT);
    private static final Duration LONG = Duration.ofSeconds(10);

    /** What a row becomes. */
    private interface Body {
        List<NewRow> of(Row row) throws Exception;
    }

    private record ByRow(Body body) implements RowTransform {
        @Override
        public Schema schema() {
            return SCHEMA;
        }

        @Override
        public List<NewRow> transform(Row row) throws Exception {
            return body.of(row);
        }
    }

    private static Transformer of(Body body, Duration limit) {
        return new Transformer(TransformSource.of(() -> new ByRow(body)), 2, limit);
    }

    private static List<Row> rows(Integer... values) {
        return Arrays.stream(values).map(n -> new Row(SCHEMA.reads(), n)).toList();
    }

    @Test
    void rows_become_values_one_none_or_many() {
        try (Transformer transformer = of(
                row -> switch (row.integer("n")) {
                    case 0 -> List.of();
                    case 1 -> List.of(NewRow.of("m", 2));
                    default -> List.of(NewRow.of("m", 3), NewRow.of("m", null));
                },
                LONG)) {
            Transformer.Outcome outcome = transformer.transform(rows(1, 0, 2));

            assertThat(outcome.bad()).isEmpty();
            assertThat(outcome.made().get(0).get(0)).containsExactly(2);
            assertThat(outcome.made().get(1)).isEmpty();
            assertThat(outcome.made().get(2)).hasSize(2);
        }
    }

    @Test
    void what_the_schema_does_not_say_is_refused() {
        assertThat(bad(row -> List.of(NewRow.of("m", row.text("n")))))
                .endsWith("IllegalArgumentException: the schema reads n as INT, not as TEXT");
        assertThat(bad(row -> List.of(NewRow.of("m", row.integer("k")))))
                .endsWith("the schema does not read the column k");
        assertThat(bad(row -> List.of(NewRow.of("m", 1).with("m", 2)))).endsWith("the new row has two values for m");
        assertThat(bad(row -> List.of(NewRow.of("m", 1), NewRow.of("m", 2), NewRow.of("m", 3))))
                .endsWith("it returned 3 rows for one, and at most 2 may be");
        assertThat(bad(row -> null)).endsWith("it returned null for a row; an empty list means none");
        assertThatThrownBy(() -> SCHEMA.writes("m", Type.TEXT)).hasMessage("the column m is written twice");
        assertThatThrownBy(() -> SCHEMA.carries("a", "x").carries("b", "x")).hasMessageContaining("carried twice");
    }

    private static String bad(Body body) {
        try (Transformer transformer = of(body, LONG)) {
            return transformer.transform(rows(1)).bad();
        }
    }

    @Test
    void half_of_a_character_is_no_text() {
        List<Schema.Column> text =
                Schema.create().reads("n", Type.INT).writes("t", Type.TEXT).writes();

        assertThat(NewRow.of("t", "whole \uD83D\uDE00").values(text)).containsExactly("whole \uD83D\uDE00");
        for (String cut : List.of("cut \uD83D", "\uDE00 cut", "\uD83Dcut", "\uDE00\uD83D")) {
            assertThatThrownBy(() -> NewRow.of("t", cut).values(text))
                    .hasMessageStartingWith("the new row has half of a character for t");
        }
    }

    @Test
    void a_batch_wants_a_list_for_each_row() {
        BatchTransform few = new BatchTransform() {
            @Override
            public Schema schema() {
                return SCHEMA;
            }

            @Override
            public List<List<NewRow>> transform(List<Row> given) {
                return List.of(List.of(NewRow.of("m", 1)));
            }
        };
        try (Transformer transformer = new Transformer(TransformSource.of(() -> few), 1, LONG)) {
            assertThat(transformer.transform(rows(1)).bad()).isEmpty();
            assertThat(transformer.transform(rows(1, 2)).bad())
                    .endsWith("it returned 1 lists for 2 rows; one list for each row is wanted, in their order");
        }
    }

    @Test
    void one_that_hangs_is_interrupted_and_made_anew() {
        AtomicInteger calls = new AtomicInteger();
        try (Transformer transformer = of(
                row -> {
                    if (calls.incrementAndGet() == 1) {
                        TimeUnit.HOURS.sleep(1);
                    }
                    return List.of();
                },
                Duration.ofSeconds(1))) {
            assertThat(transformer.transform(rows(1)).bad()).endsWith("did not return within 1000 ms");
            assertThat(transformer.transform(rows(1)).bad()).isEmpty();
        }
    }

    @Test
    void one_that_heeds_no_interrupt_ends_the_run_in_the_end() {
        CountDownLatch end = new CountDownLatch(1);
        try (Transformer transformer = of(
                row -> {
                    while (end.getCount() > 0) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    return List.of();
                },
                Duration.ofMillis(10))) {
            for (int i = 0; i < 4; i++) {
                assertThat(transformer.transform(rows(1)).bad()).isNotEmpty();
            }
            assertThatThrownBy(() -> transformer.transform(rows(1)))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining("did not return 4 times, nor when it was interrupted")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.STOP);
        } finally {
            end.countDown();
        }
    }

    @Test
    void a_cancel_ends_the_wait_at_once() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (Transformer transformer = of(
                row -> {
                    begun.countDown();
                    TimeUnit.HOURS.sleep(1);
                    return List.of();
                },
                Duration.ofHours(1))) {
            CompletableFuture<?> call = CompletableFuture.runAsync(() -> transformer.transform(rows(1)));
            begun.await();
            transformer.cancel();

            assertThatThrownBy(() -> call.get(5, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(NeapException.class)
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.RETRY);
        }
    }
}
