package dev.neap.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Profile;
import dev.neap.backfill.TableName;
import dev.neap.control.Verifications.Reached;
import dev.neap.dialect.Difference.Kind;
import dev.neap.dialect.TableVerifier.Part;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a verification that was stopped between two parts leaves to the next one, and what that makes of it. */
class GoneOnTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final FakeTable table = FakeTable.of(30_000);
    private final Memory checkpoint = new Memory();
    private long now;

    /** A checkpoint that outlives its verification. */
    private static final class Memory implements Checkpoint {
        private @Nullable Reached last;

        @Override
        public Optional<Reached> before() {
            return Optional.ofNullable(last);
        }

        @Override
        public void save(Reached reached) {
            last = reached;
        }

        @Override
        public List<String> notes() {
            return List.of();
        }

        Reached last() {
            return Objects.requireNonNull(last);
        }

        int upTo() {
            return Integer.parseInt(last().upTo().get(0));
        }
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private Tally verify() {
        TableName name = new TableName("public", "t");
        Fill fill = Fill.of(name, name, Map.of("v", "w"));
        Backfill backfill = new Backfill(
                "test",
                Profile.DEV,
                fill,
                new Pace(null, Duration.ZERO, Duration.ZERO),
                10_000,
                3,
                Map.of(),
                List.of());
        return new Verifier(
                        table,
                        SecondLook.only(table),
                        backfill,
                        GRACE,
                        new FakeWatch(backfill, wait -> now += wait.toNanos()),
                        () -> now,
                        checkpoint)
                .verify();
    }

    /** Kills it when it has come behind a row. */
    private void killedBehind(int row) {
        table.beforeCompare = () -> {
            if (checkpoint.last != null && checkpoint.upTo() >= row) {
                throw new Killed();
            }
        };
        assertThat(catchThrowableOfType(Killed.class, this::verify)).isNotNull();
        table.beforeCompare = () -> {};
        table.compared.clear();
    }

    private static List<String> named(Tally tally) {
        return tally.named().stream()
                .map(mismatch -> mismatch.kind() + " " + mismatch.key().get(0))
                .toList();
    }

    @Test
    void it_goes_on_behind_the_last_part_that_was_compared_and_counts_what_was() {
        killedBehind(5_000);
        int before = checkpoint.upTo();

        Tally tally = verify();

        assertThat(before).isBetween(5_000, 29_999);
        assertThat(table.compared.get(0).after()).isEqualTo(List.of(String.valueOf(before)));
        assertThat(tally.rows().expected()).isEqualTo(30_000);
        assertThat(tally.rows().actual()).isEqualTo(30_000);
        assertThat(named(tally)).isEmpty();
    }

    @Test
    void a_row_that_was_not_judged_yet_is_not_lost() {
        table.actual.put(5, "wrong");
        table.actual.remove(6);
        killedBehind(5_000);
        assertThat(now).as("nothing could be judged").isZero();

        Tally tally = verify();

        assertThat(named(tally)).containsExactlyInAnyOrder("WRONG 5", "MISSING 6");
        assertThat(tally.rows().expected()).isEqualTo(30_000);
    }

    @Test
    void a_row_that_differed_is_seen_anew_and_counts_only_when_it_still_does() {
        table.actual.put(5, "wrong");
        table.actual.put(6, "wrong");
        table.expected.put(7, FakeTable.POISON);
        table.beforeCompare = () -> now += GRACE.toNanos();
        Tally first = verify();
        assertThat(named(first)).containsExactly("WRONG 5", "WRONG 6", "FAILED 7");
        table.actual.put(5, "v5");

        Tally second = verify();

        assertThat(named(second)).containsExactlyInAnyOrder("WRONG 6", "FAILED 7");
        assertThat(second.differences()).containsEntry(Kind.WRONG, 1L).containsEntry(Kind.FAILED, 1L);
        assertThat(second.rows().settled()).isEqualTo(1);
    }

    @Test
    void one_that_is_through_has_nothing_left_but_what_came_behind_it() {
        Tally first = verify();
        table.compared.clear();
        table.expected.put(30_001, "new");

        Tally second = verify();

        assertThat(first.rows().expected()).isEqualTo(30_000);
        assertThat(named(second)).containsExactly("MISSING 30001");
        assertThat(table.compared)
                .allMatch(part -> !Part.ALL.equals(part) && List.of("30000").equals(part.after()));
    }

    @Test
    void where_more_rows_differ_than_are_kept_it_goes_no_further_and_none_is_lost() {
        table.actual.subMap(8_000, 8_000 + Checkpoint.MOST_AGAIN + 1).replaceAll((key, value) -> "wrong");

        verify();
        assertThat(checkpoint.upTo()).isLessThan(8_000 + Checkpoint.MOST_AGAIN);
        Tally second = verify();

        assertThat(second.differences()).containsEntry(Kind.WRONG, Checkpoint.MOST_AGAIN + 1L);
        assertThat(second.rows().expected()).isEqualTo(30_000);
    }
}
