package dev.neap.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Profile;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Difference;
import dev.neap.dialect.Difference.Kind;
import dev.neap.dialect.TableMender;
import dev.neap.dialect.TableVerifier.Looked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a mender writes, how fast, and how long it follows what it has put in. */
class MenderTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final FakeTable table = FakeTable.of(1_000);
    private final FakeMender writes = new FakeMender();
    private long now;
    private Duration slept = Duration.ZERO;

    /** Writes into the fake table; refuses one row. */
    private final class FakeMender implements TableMender {
        final List<Integer> followed = new ArrayList<>();
        final Set<Integer> locked = new HashSet<>();
        int refused = -1;
        int open;
        int mostTogether;

        @Override
        public Mended mend(Map<List<String>, List<Difference>> suspected) {
            mostTogether = Math.max(mostTogether, suspected.size());
            Looked looked = table.look(List.copyOf(suspected.keySet()), true);
            Map<List<String>, List<Difference>> left = new HashMap<>();
            Set<List<String>> put = new HashSet<>();
            suspected.forEach((key, differences) -> {
                if (differences.equals(looked.differing().get(key))
                        && differences.get(0).canBeWritten()) {
                    Integer number = Integer.valueOf(key.get(0));
                    if (number == refused) {
                        left.put(key, List.of(differences.get(0).because("refused")));
                        return;
                    }
                    if (table.actual.put(number, table.expected.get(number)) == null) {
                        put.add(key);
                    }
                    left.put(key, List.of());
                }
            });
            return new Mended(looked, left, put);
        }

        @Override
        public Set<List<String>> follow(List<List<String>> keys) {
            mostTogether = Math.max(mostTogether, keys.size());
            Set<List<String>> busy = new HashSet<>();
            keys.forEach(key -> {
                Integer number = Integer.valueOf(key.get(0));
                if (locked.contains(number)) {
                    busy.add(key);
                } else {
                    followed.add(number);
                }
            });
            return busy;
        }

        @Override
        public String stillOpen() {
            return open-- > 0 ? "session 7" : "";
        }

        @Override
        public String statement(List<List<String>> keys) {
            return "mend " + keys;
        }

        @Override
        public void close() {}
    }

    private static Backfill backfill(@Nullable RowsPerSecond rate) {
        TableName name = new TableName("public", "t");
        return new Backfill(
                "test",
                Profile.DEV,
                Fill.of(name, name, Map.of("v", "w")),
                new Pace(rate, Duration.ZERO, Duration.ZERO),
                10_000,
                3,
                Map.of(),
                List.of());
    }

    private void sleep(Duration wait) {
        slept = slept.plus(wait);
        now += wait.toNanos();
    }

    private Mender mender(@Nullable RowsPerSecond rate) {
        Backfill backfill = backfill(rate);
        return new Mender(writes, backfill, GRACE, new FakeWatch(backfill, this::sleep), () -> now);
    }

    private Tally verify(FakeTable of, SecondLook second) {
        Backfill backfill = backfill(null);
        return new Verifier(
                        of, second, backfill, GRACE, new FakeWatch(backfill, this::sleep), () -> now, Checkpoint.NONE)
                .verify();
    }

    private Tally verify(SecondLook second) {
        return verify(table, second);
    }

    @Test
    void missing_and_wrong_rows_are_mended_and_extra_and_refused_ones_are_left_and_named() {
        table.actual.remove(1);
        table.actual.put(2, "wrong");
        table.actual.put(3, "wrong");
        table.actual.put(2_000, "extra");
        writes.refused = 3;

        Tally tally = verify(mender(null));

        assertThat(tally.differences())
                .containsEntry(Kind.MISSING, 1L)
                .containsEntry(Kind.WRONG, 2L)
                .containsEntry(Kind.EXTRA, 1L);
        assertThat(tally.mended())
                .containsEntry(Kind.MISSING, 1L)
                .containsEntry(Kind.WRONG, 1L)
                .containsEntry(Kind.EXTRA, 0L);
        assertThat(tally.named())
                .extracting(m -> m.kind() + " " + m.key().get(0) + " " + m.mended() + " " + m.cause())
                .containsExactly("MISSING 1 true ", "WRONG 2 true ", "WRONG 3 false refused", "EXTRA 2000 false ");
        assertThat(table.actual).containsEntry(1, "v1").containsEntry(2, "v2").containsEntry(2_000, "extra");
    }

    @Test
    void a_row_that_is_written_meanwhile_is_not_touched() {
        table.actual.put(5, "wrong");
        table.beforeAgain = () -> table.actual.put(5, "v5");

        Tally tally = verify(mender(null));

        assertThat(tally.rows().settled()).isEqualTo(1);
        assertThat(tally.mended()).containsEntry(Kind.WRONG, 0L);
    }

    @Test
    void what_was_put_in_is_followed_once_older_transactions_have_ended() {
        table.actual.remove(1);
        table.actual.put(2, "wrong");
        writes.open = 2;
        Mender mender = mender(null);
        verify(mender);
        Duration before = slept;

        mender.follow();

        assertThat(writes.followed).containsExactly(1);
        assertThat(slept.minus(before)).isEqualTo(GRACE.multipliedBy(3));
        assertThat(mender.unfollowed()).isZero();
    }

    @Test
    void what_cannot_be_followed_is_counted_and_waited_for_no_longer_than_a_minute_or_two() {
        table.actual.remove(1);
        table.actual.remove(2);
        writes.locked.add(2);
        Mender mender = mender(null);
        verify(mender);
        Duration before = slept;

        mender.follow();

        assertThat(mender.unfollowed()).isEqualTo(1);
        assertThat(slept.minus(before)).isLessThanOrEqualTo(GRACE.multipliedBy(13));
        writes.open = Integer.MAX_VALUE;
        table.actual.remove(3);
        Mender late = mender(null);
        verify(late);
        late.follow();
        assertThat(late.unfollowed()).isEqualTo(1);
    }

    @Test
    void it_keeps_the_pace_of_the_file_and_writes_few_rows_together() {
        table.actual.clear();
        Mender mender = mender(new RowsPerSecond(100));

        Tally tally = verify(mender);

        assertThat(tally.mended()).containsEntry(Kind.MISSING, 1_000L);
        assertThat(slept).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
        assertThat(writes.mostTogether).isLessThanOrEqualTo(50);
    }

    @Test
    void as_sql_it_is_bounded_and_nothing_is_written() {
        FakeTable large = FakeTable.of(12_000);
        large.actual.clear();
        MendingSql sql = new MendingSql(large, writes, backfill(null).fill());

        Tally tally = verify(large, sql);

        assertThat(large.actual).isEmpty();
        assertThat(tally.mended()).containsEntry(Kind.MISSING, 0L);
        assertThat(sql.statements()).hasSize(200);
        assertThat(sql.more()).isEqualTo(2_000);
    }

    @Test
    void what_the_rule_leaves_alone_has_no_sql() {
        table.actual.put(7, "spoiled");
        table.actual.remove(8);
        TableName from = new TableName("public", "s");
        TableName into = new TableName("public", "t");
        MendingSql keep = new MendingSql(table, writes, Fill.of(from, into, Map.of("v", "w")));
        MendingSql inPlace = new MendingSql(table, writes, Fill.of(into, into, Map.of("v", "w")));

        verify(keep);
        verify(inPlace);

        assertThat(keep.statements()).containsExactly("mend [[8]]");
        assertThat(inPlace.statements()).containsExactly("mend [[7], [8]]");
    }
}
