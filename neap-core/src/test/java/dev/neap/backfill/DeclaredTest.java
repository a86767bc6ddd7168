package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import dev.neap.transform.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** By the hash of what is declared a run knows what is its own: two declarations never have the same one. */
class DeclaredTest {
    private static final TableName A = new TableName("public", "a");
    private static final TableName B = new TableName("public", "b");
    private static final Fill FILL = fill("a", null, Map.of("c", "d"));
    private static final Rebuild REBUILD = rebuild(Map.of("c", "d"), null);

    /** It makes nothing. */
    static final class Nothing implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create().reads("a", Type.TEXT).writes("c", Type.TEXT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of();
        }
    }

    private static Fill fill(String key, String where, Map<String, String> set) {
        return new Fill(
                A,
                B,
                List.of(key),
                Fill.KeyRange.ALL,
                where,
                set,
                List.of(),
                Conflict.KEEP,
                null,
                null,
                DualWrite.APPLICATION);
    }

    private static Rebuild rebuild(Map<String, String> set, SourceRecompute source) {
        return new Rebuild(
                A,
                PartitionRange.all(),
                set,
                null,
                ApplicationWrites.OLD,
                LiveWrites.CAPTURE,
                Duration.ZERO,
                Cutover.SWAP,
                null,
                source);
    }

    private static String declared(Strategy strategy) {
        return declared("fix", strategy);
    }

    private static String declared(String name, Strategy strategy) {
        return new Backfill(name, Profile.DEV, strategy, Pace.unlimited(), 1, 1, Map.of(), List.of()).declared();
    }

    private static Map<String, String> set(String... columns) {
        Map<String, String> set = new LinkedHashMap<>();
        for (int i = 0; i < columns.length; i += 2) {
            set.put(columns[i], columns[i + 1]);
        }
        return set;
    }

    @Test
    void it_is_the_same_for_the_same() {
        assertThat(declared(fill("a", null, Map.of("c", "d")))).isEqualTo(declared(FILL));
        assertThat(declared(rebuild(Map.of("c", "d"), null))).isEqualTo(declared(REBUILD));
        assertThat(declared(REBUILD.with(Cutover.HOLD)))
                .as("when it is swapped is not what is written")
                .isEqualTo(declared(REBUILD));
        assertThat(declared("fixed", REBUILD)).isNotEqualTo(declared(REBUILD));
        assertThat(declared("fixed", FILL)).isNotEqualTo(declared(FILL));
    }

    @Test
    void whatever_one_text_says_it_does_not_pass_for_two() {
        assertThat(declared(fill("a", null, set("c", "d, e=f"))))
                .isNotEqualTo(declared(fill("a", null, set("c", "d", "e", "f"))));
        assertThat(declared(fill("a", "x, set={c=d}, reads=[] --", set("c", "d"))))
                .isNotEqualTo(declared(fill("a", "x", set("c", "d}, reads=[] --, set={c=d"))));
        assertThat(declared(fill("a", "null", set("c", "d")))).isNotEqualTo(declared(FILL));
        assertThat(declared(rebuild(set("a", "1, b=2"), null)))
                .isNotEqualTo(declared(rebuild(set("a", "1", "b", "2"), null)));
        assertThat(declared(keys(List.of("1, 2"), null))).isNotEqualTo(declared(keys(List.of("1", "2"), null)));
        assertThat(declared(keys(List.of("1"), null))).isNotEqualTo(declared(keys(null, List.of("1"))));
        assertThat(declared(rebuild(
                        Map.of(), new SourceRecompute("SELECT 1, reads=[public.a]", List.of(B), MissingInSource.KEEP))))
                .isNotEqualTo(declared(
                        rebuild(Map.of(), new SourceRecompute("SELECT 1", List.of(A, B), MissingInSource.KEEP))));
    }

    private static Fill keys(List<String> from, List<String> to) {
        return new Fill(
                A,
                B,
                List.of("a"),
                new Fill.KeyRange(from, to),
                null,
                Map.of("c", "d"),
                List.of(),
                Conflict.KEEP,
                null,
                null,
                DualWrite.APPLICATION);
    }

    @Test
    void everything_that_a_fill_says_is_in_it() {
        TransformSource transform = TransformSource.of(Nothing::new);
        List<Fill> others = List.of(
                new Fill(
                        B,
                        B,
                        List.of("a"),
                        Fill.KeyRange.ALL,
                        null,
                        FILL.set(),
                        List.of(),
                        Conflict.KEEP,
                        null,
                        null,
                        DualWrite.APPLICATION),
                new Fill(
                        A,
                        A,
                        List.of("a"),
                        Fill.KeyRange.ALL,
                        null,
                        FILL.set(),
                        List.of(),
                        Conflict.KEEP,
                        null,
                        null,
                        DualWrite.APPLICATION),
                fill("b", null, FILL.set()),
                keys(null, List.of("1")),
                fill("a", "x", FILL.set()),
                fill("a", null, Map.of("c", "e")),
                new Fill(
                        A,
                        B,
                        List.of("a"),
                        Fill.KeyRange.ALL,
                        null,
                        FILL.set(),
                        List.of(A),
                        Conflict.KEEP,
                        null,
                        null,
                        DualWrite.APPLICATION),
                new Fill(
                        A,
                        B,
                        List.of("a"),
                        Fill.KeyRange.ALL,
                        null,
                        FILL.set(),
                        List.of(),
                        new Conflict(Conflict.Rule.NEWER, "at"),
                        null,
                        null,
                        DualWrite.APPLICATION),
                new Fill(
                        A,
                        B,
                        List.of("a"),
                        Fill.KeyRange.ALL,
                        null,
                        FILL.set(),
                        List.of(),
                        Conflict.KEEP,
                        "x",
                        null,
                        DualWrite.APPLICATION),
                new Fill(
                        A,
                        B,
                        List.of("a"),
                        Fill.KeyRange.ALL,
                        null,
                        Map.of(),
                        List.of(),
                        Conflict.KEEP,
                        null,
                        transform,
                        DualWrite.APPLICATION),
                new Fill(
                        A,
                        B,
                        List.of("a"),
                        Fill.KeyRange.ALL,
                        null,
                        FILL.set(),
                        List.of(),
                        Conflict.KEEP,
                        null,
                        null,
                        DualWrite.TRIGGER));

        assertThat(others.stream().map(DeclaredTest::declared))
                .doesNotHaveDuplicates()
                .doesNotContain(declared(FILL));
        assertThat(others).as("one for each").hasSameSizeAs(Arrays.asList(Fill.class.getRecordComponents()));
        assertThat(declared(new Fills(List.of(others.get(0), FILL), 1)))
                .isEqualTo(declared(new Fills(List.of(others.get(0), FILL), 2)))
                .isNotEqualTo(declared(new Fills(List.of(FILL, others.get(0)), 1)));
    }

    @Test
    void everything_of_a_rebuild_that_decides_what_is_written_is_in_it() {
        List<Rebuild> others = List.of(
                new Rebuild(
                        B,
                        PartitionRange.all(),
                        REBUILD.set(),
                        null,
                        ApplicationWrites.OLD,
                        LiveWrites.CAPTURE,
                        Duration.ZERO),
                new Rebuild(
                        A,
                        new PartitionRange("1", null, PartitionRange.Order.NEWEST_FIRST),
                        REBUILD.set(),
                        null,
                        ApplicationWrites.OLD,
                        LiveWrites.CAPTURE,
                        Duration.ZERO),
                new Rebuild(
                        A,
                        new PartitionRange(null, "1", PartitionRange.Order.NEWEST_FIRST),
                        REBUILD.set(),
                        null,
                        ApplicationWrites.OLD,
                        LiveWrites.CAPTURE,
                        Duration.ZERO),
                new Rebuild(
                        A,
                        new PartitionRange(null, null, PartitionRange.Order.OLDEST_FIRST),
                        REBUILD.set(),
                        null,
                        ApplicationWrites.OLD,
                        LiveWrites.CAPTURE,
                        Duration.ZERO),
                rebuild(Map.of("c", "e"), null),
                new Rebuild(
                        A,
                        PartitionRange.all(),
                        REBUILD.set(),
                        "x",
                        ApplicationWrites.OLD,
                        LiveWrites.CAPTURE,
                        Duration.ZERO),
                new Rebuild(
                        A,
                        PartitionRange.all(),
                        REBUILD.set(),
                        null,
                        ApplicationWrites.NEW,
                        LiveWrites.CAPTURE,
                        Duration.ZERO),
                new Rebuild(
                        A,
                        PartitionRange.all(),
                        REBUILD.set(),
                        null,
                        ApplicationWrites.OLD,
                        LiveWrites.NONE,
                        Duration.ZERO),
                REBUILD.with(Cutover.MERGE),
                rebuild(Map.of(), new SourceRecompute("SELECT 1", List.of(A), MissingInSource.KEEP)),
                rebuild(Map.of(), new SourceRecompute("SELECT 2", List.of(A), MissingInSource.KEEP)),
                rebuild(Map.of(), new SourceRecompute("SELECT 1", List.of(B), MissingInSource.KEEP)),
                rebuild(Map.of(), new SourceRecompute("SELECT 1", List.of(A), MissingInSource.DROP)));

        assertThat(others.stream().map(DeclaredTest::declared))
                .doesNotHaveDuplicates()
                .doesNotContain(declared(REBUILD));
    }
}
