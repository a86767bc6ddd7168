package dev.neap.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild;
import dev.neap.plan.Step;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A partition that changes faster than it can be followed: the unit ends, after a bounded number of rounds. */
class TooHotTest {
    private final List<String> calls = new ArrayList<>();

    private static Backfill backfill() {
        Rebuild rebuild = new Rebuild(
                new TableName("public", "hot"),
                PartitionRange.all(),
                Map.of("form", "2"),
                null,
                ApplicationWrites.OLD,
                LiveWrites.CAPTURE,
                Duration.ofDays(7));
        return new Backfill("hot", Profile.DEV, rebuild, Pace.unlimited(), 1_000, 3, Map.of(), List.of());
    }

    /** What a unit does in which every call that is not named here succeeds at once. */
    private RebuildUnit unit(Map<String, Supplier<Object>> answers) {
        PartitionRebuild bench = fake(PartitionRebuild.class, (proxy, method, arguments) -> {
            calls.add(method.getName());
            Supplier<Object> answer = answers.get(method.getName());
            if (answer != null) {
                return answer.get();
            }
            return method.getReturnType() == PartitionRebuild.Attempt.class ? PartitionRebuild.Attempt.GOT : null;
        });
        UnitWatch watch = fake(UnitWatch.class, (proxy, method, arguments) -> {
            if (method.getName().equals("patiently")) {
                assertThat(((Supplier<?>) arguments[1]).get()).isEqualTo(PartitionRebuild.Attempt.GOT);
            }
            if (method.getName().equals("alone")) {
                return ((Supplier<?>) arguments[0]).get();
            }
            if (method.getReturnType() == int.class) {
                return 1_000;
            }
            if (method.getReturnType() == String.class) {
                return "";
            }
            return method.getReturnType() == Duration.class ? Duration.ZERO : null;
        });
        return new RebuildUnit(backfill(), bench, watch, 0);
    }

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private long called(String method) {
        return calls.stream().filter(method::equals).count();
    }

    @Test
    void a_partition_that_is_written_faster_than_its_changes_are_replayed_ends_after_200_rounds_and_says_what_to_do() {
        RebuildUnit unit = unit(Map.of(
                "look", () -> new PartitionRebuild.Standing(Step.DRAIN, false, 0, ""),
                "drain", () -> new PartitionRebuild.Drained(501, false, "")));

        assertThatThrownBy(unit::run)
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BUSY))
                .hasMessageContaining("faster than its changes can be replayed")
                .hasMessageContaining("the same command tries it again, best at a quieter hour");
        assertThat(called("drain")).isEqualTo(200);
        assertThat(called("swap")).isZero();
    }

    @Test
    void what_had_piled_up_before_does_not_count_as_written_too_fast() {
        AtomicLong behind = new AtomicLong(3_000_000);
        RebuildUnit unit =
                unit(Map.of("look", () -> new PartitionRebuild.Standing(Step.DRAIN, false, 0, ""), "drain", () -> {
                    // A thousand come in while five thousand are replayed.
                    long left = behind.addAndGet(-4_000);
                    return left > 0
                            ? new PartitionRebuild.Drained(5_000, true, "", left)
                            : new PartitionRebuild.Drained(400, false, "");
                }));

        assertThat(unit.catchUp()).hasValue(749 * 5_000 + 400);
    }

    @Test
    void a_backlog_that_does_not_shrink_ends_too() {
        RebuildUnit unit = unit(Map.of(
                "look", () -> new PartitionRebuild.Standing(Step.DRAIN, false, 0, ""),
                "drain", () -> new PartitionRebuild.Drained(5_000, true, "", 1_000_000)));

        assertThatThrownBy(unit::catchUp).hasMessageContaining("more came in during each of 600 rounds");
        assertThat(called("drain")).isEqualTo(600);
    }

    @Test
    void a_rest_of_few_changes_is_left_to_the_swap() {
        RebuildUnit unit = unit(Map.of(
                "look", () -> new PartitionRebuild.Standing(Step.DRAIN, false, 0, ""),
                "drain", () -> new PartitionRebuild.Drained(500, false, ""),
                "verify", () -> new PartitionRebuild.Verified(1, List.of(), 0),
                "inTheWayOfSwap", () -> "",
                "lockHeld", () -> Duration.ZERO));

        unit.run();

        assertThat(called("drain")).isEqualTo(2);
        assertThat(called("swap")).isEqualTo(1);
    }

    @Test
    void what_fails_because_the_table_was_changed_starts_over_and_what_fails_by_itself_does_not() {
        AtomicReference<String> changed = new AtomicReference<>("");
        AtomicInteger drains = new AtomicInteger();
        RebuildUnit unit = unit(Map.of(
                "look", () -> new PartitionRebuild.Standing(Step.DRAIN, false, 0, changed.getAndSet("")),
                "drain",
                        () -> {
                            changed.set(drains.incrementAndGet() == 1 ? "somebody changed the table" : "");
                            throw new NeapException(Kind.UNIT, "column note does not exist");
                        }));

        assertThatThrownBy(unit::run).hasMessage("column note does not exist");
        assertThat(called("startOver")).isEqualTo(1);
        assertThat(called("drain")).isEqualTo(2);
        drains.set(0);
        assertThat(unit.catchUp()).as("of a held unit").isEmpty();
        assertThatThrownBy(unit::catchUp).hasMessage("column note does not exist");
    }

    @Test
    void a_unit_that_must_start_over_again_and_again_ends_after_five_times_and_says_why() {
        RebuildUnit unit = unit(Map.of(
                "look", () -> new PartitionRebuild.Standing(Step.LOAD, false, 0, "the application truncated it")));

        assertThatThrownBy(unit::run)
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BUSY))
                .hasMessageContaining("5 times, the last time because the application truncated it")
                .hasMessageContaining("the same command tries it again");
        assertThat(called("startOver")).isEqualTo(5);
    }
}
