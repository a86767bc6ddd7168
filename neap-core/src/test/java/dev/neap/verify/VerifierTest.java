package dev.neap.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Profile;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Difference.Kind;
import dev.neap.dialect.SecondWrites;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a verification goes from the whole table to single rows, and when one counts. */
class VerifierTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final FakeTable table = FakeTable.of(30_000);
    private long now;
    private Duration slept = Duration.ZERO;

    private Tally verify() {
        return verify(null);
    }

    private Tally verify(@Nullable RowsPerSecond rate) {
        return verifier(rate).verify();
    }

    private Verifier verifier(@Nullable RowsPerSecond rate) {
        return verifier(rate, SecondLook.only(table));
    }

    private Verifier verifier(@Nullable RowsPerSecond rate, SecondLook second) {
        TableName name = new TableName("public", "t");
        Fill fill = Fill.of(name, name, Map.of("v", "w"));
        Backfill backfill = new Backfill(
                "test",
                Profile.DEV,
                fill,
                new Pace(rate, Duration.ZERO, Duration.ZERO),
                10_000,
                3,
                Map.of(),
                List.of());
        return new Verifier(
                table,
                second,
                backfill,
                GRACE,
                new FakeWatch(backfill, wait -> {
                    slept = slept.plus(wait);
                    now += wait.toNanos();
                }),
                () -> now,
                Checkpoint.NONE);
    }

    private static List<String> named(Tally tally) {
        return tally.named().stream()
                .map(mismatch -> mismatch.kind() + " " + mismatch.key().get(0))
                .toList();
    }

    @Test
    void what_is_right_is_compared_part_by_part_and_waited_for_nowhere() {
        Tally tally = verify();

        assertThat(named(tally)).isEmpty();
        assertThat(tally.rows().expected()).isEqualTo(30_000);
        assertThat(tally.rows().actual()).isEqualTo(30_000);
        assertThat(slept).isZero();
        assertThat(table.mostCompared).isLessThanOrEqualTo(10_000);
    }

    @Test
    void the_two_sides_are_halved_down_to_the_rows_that_differ() {
        table.actual.remove(1);
        table.actual.put(15_000, "spoiled");
        table.actual.put(40_000, "late");
        table.expected.remove(30_000);

        Tally tally = verify();

        assertThat(named(tally)).containsExactly("MISSING 1", "WRONG 15000", "EXTRA 30000", "EXTRA 40000");
        assertThat(tally.rows().expected()).isEqualTo(29_999);
        assertThat(tally.rows().actual()).isEqualTo(30_000);
        assertThat(table.mostInOneLook).as("rows that are compared one by one").isLessThanOrEqualTo(400);
    }

    @Test
    void where_aggregates_differ_rows_are_named_and_where_they_agree_nothing_is() {
        table.actual.put(700, "V700");
        table.actual.put(20_000, "longer than that");
        table.actual.remove(25_000);
        table.actual.put(28_000, "late");
        table.beforeAgain = () -> table.actual.put(28_000, "v28000");

        Tally tally = verifier(null).aggregates();

        assertThat(named(tally)).containsExactly("WRONG 20000", "MISSING 25000");
        assertThat(tally.rows().settled()).isEqualTo(1);
        assertThat(tally.rows().expected()).isEqualTo(30_000);
        assertThat(table.mostInOneLook).isLessThanOrEqualTo(400);
    }

    @Test
    void extra_rows_behind_the_last_expected_one_come_in_bounded_parts() {
        table.expected.tailMap(100, true).clear();

        Tally tally = verify();

        assertThat(tally.differences()).containsEntry(Kind.EXTRA, 29_901L);
        assertThat(table.mostCompared).isLessThanOrEqualTo(10_000);
        assertThat(tally.named()).hasSize(TableReport.MOST_NAMED);
    }

    @Test
    void a_row_that_cannot_be_computed_hides_no_other() {
        table.expected.put(700, FakeTable.POISON);
        table.expected.put(30_000, FakeTable.POISON);
        table.actual.remove(701);

        assertThat(named(verify())).containsExactly("FAILED 700", "MISSING 701", "FAILED 30000");
    }

    @Test
    void a_part_that_takes_too_long_is_halved() {
        table.mostRows = 1_000;
        table.actual.remove(20_000);

        assertThat(named(verify())).containsExactly("MISSING 20000");
    }

    @Test
    void a_row_counts_only_when_it_still_differs_after_the_time_of_a_second_write() {
        table.actual.put(5, "late");
        table.actual.put(6, "wrong");
        table.beforeAgain = () -> table.actual.put(5, "v5");

        Tally tally = verify();

        assertThat(named(tally)).containsExactly("WRONG 6");
        assertThat(tally.rows().settled()).isEqualTo(1);
        assertThat(slept).isEqualTo(GRACE);
    }

    @Test
    void a_row_that_is_written_in_between_waits_anew() {
        AtomicInteger looks = new AtomicInteger();
        table.actual.put(5, "wrong");
        table.beforeAgain = () -> table.expected.put(5, looks.incrementAndGet() < 4 ? "again " + looks : "wrong");

        Tally tally = verify();

        assertThat(named(tally)).isEmpty();
        assertThat(tally.rows().settled()).isEqualTo(1);
        assertThat(slept).isEqualTo(GRACE.multipliedBy(4));
    }

    @Test
    void a_row_that_is_never_seen_right_is_no_match() {
        AtomicInteger looks = new AtomicInteger();
        table.actual.put(5, "wrong");
        table.locked.add(6);
        table.actual.put(6, "wrong");
        table.beforeAgain = () -> table.expected.put(5, "again " + looks.incrementAndGet());

        Tally tally = verify();

        assertThat(named(tally)).containsExactlyInAnyOrder("UNSETTLED 5", "UNSETTLED 6");
        assertThat(slept).isLessThanOrEqualTo(GRACE.multipliedBy(12));
    }

    @Test
    void rows_that_wait_are_held_in_bounded_memory_and_none_is_lost() {
        table.actual.clear();

        Tally tally = verify();

        assertThat(tally.differences()).containsEntry(Kind.MISSING, 30_000L);
        assertThat(slept)
                .as("the first rows are judged before the last are looked at")
                .isGreaterThan(GRACE);
    }

    @Test
    void it_keeps_the_pace_of_the_file() {
        verify(new RowsPerSecond(1_000));

        assertThat(slept).isEqualTo(Duration.ofSeconds(30));
        assertThat(table.mostCompared).isLessThanOrEqualTo(1_000);
    }

    @Test
    void a_sample_looks_at_just_so_many_rows_and_again_at_what_differs() {
        table.actual.replaceAll((key, value) -> key % 2 == 0 ? value : "wrong");

        Tally tally = verifier(null).sample(2_000, new SplittableRandom(1)).orElseThrow();

        assertThat(tally.rows().expected()).isEqualTo(2_000);
        assertThat(tally.picksThatDiffer()).isBetween(850L, 1_150L);
        assertThat(slept).isEqualTo(GRACE);
    }

    @Test
    void a_sample_that_ends_within_what_was_picked_together_has_rows_of_all_of_it() {
        table.allPlaces = 30_001;
        table.actual.replaceAll((key, value) -> key <= 15_000 ? value : "wrong");

        Tally tally = verifier(null).sample(500, new SplittableRandom(1)).orElseThrow();

        assertThat(tally.rows().expected()).isEqualTo(500);
        assertThat(tally.picksThatDiffer()).isBetween(190L, 310L);
    }

    @Test
    void a_sample_that_is_no_less_than_all_is_not_taken() {
        assertThat(verifier(null).sample(20_000, new SplittableRandom(1))).isEmpty();
        table.allPlaces = 100_000_000;
        assertThat(verifier(null).sample(2_000, new SplittableRandom(1))).isEmpty();
    }

    @Test
    void of_what_was_written_each_row_is_compared_and_no_other() {
        table.actual.put(7, "wrong");
        table.actual.put(20_000, "wrong");
        table.actual.remove(29_000);
        table.written.addAll(List.of(3, 20_000, 29_000));

        Tally tally = verifier(null).written("now", (keys, looked) -> {});

        assertThat(named(tally)).containsExactly("WRONG 20000", "MISSING 29000");
        assertThat(tally.rows().expected()).isEqualTo(3);
    }

    @Test
    void of_each_row_that_agrees_at_once_or_later_it_is_asked_how_it_came_into_both_places() {
        WrittenLook look = new WrittenLook(table, "now");
        table.actual.put(20_000, "late");
        table.beforeAgain = () -> table.actual.put(20_000, "v20000");
        table.actual.put(21_000, "wrong");
        table.written.addAll(List.of(3, 4, 20_000, 21_000));

        verifier(null, look).written("now", look::agree);

        assertThat(look.writes()).isEqualTo(new SecondWrites(3, 2, 0, Duration.ofSeconds(20)));
    }

    @Test
    void a_table_that_grows_faster_than_it_is_read_is_read_to_where_it_ended_when_that_began() {
        table.beforeCompare = () -> {
            int last = table.expected.lastKey();
            for (int i = last + 1; i <= last + 60_000 && last < 2_000_000; i++) {
                table.expected.put(i, "v");
            }
        };

        Tally tally = verify();

        assertThat(named(tally)).isEmpty();
        assertThat(tally.rows().expected()).isEqualTo(30_000);
    }

    @Test
    void a_table_without_rows_has_nothing_that_differs() {
        table.expected.clear();
        table.actual.clear();

        assertThat(verify().rows().parts()).isZero();
    }
}
