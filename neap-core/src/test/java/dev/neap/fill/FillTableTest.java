package dev.neap.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.SegmentFill;
import dev.neap.dialect.StatementPlans;
import dev.neap.dialect.TableFill;
import dev.neap.plan.StatementPlan;
import dev.neap.rebuild.UnitWatch;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fill whose every statement may fail for a lock or for its time, without a server. */
@Timeout(60)
class FillTableTest {
    private static final int MOST_TRIES = 30;

    private final List<Integer> looks = new ArrayList<>();
    private final Set<String> failedOnce = new HashSet<>();

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static UnitWatch watch() {
        return fake(UnitWatch.class, (proxy, method, arguments) -> {
            if (method.getName().equals("patiently")) {
                for (int i = 0; i < MOST_TRIES; i++) {
                    if (((Supplier<?>) arguments[1]).get() instanceof Attempt attempt && attempt.got()) {
                        return null;
                    }
                }
                throw new NeapException(Kind.LOCK, "in vain: " + arguments[0]);
            }
            if (method.getName().equals("batch")) {
                return ((Supplier<?>) arguments[0]).get();
            }
            return method.getName().equals("batchRows") ? arguments[0] : null;
        });
    }

    /** Each statement meets a lock once before it gets through. */
    private void lockedOnce(String statement) {
        if (failedOnce.add(statement)) {
            throw new NeapException(Kind.LOCK, statement + " met a lock");
        }
    }

    private Object answer(String statement, Class<?> type) {
        if (type == String.class) {
            return "";
        }
        if (type == Optional.class) {
            return Optional.empty();
        }
        if (type == Attempt.class) {
            return Attempt.GOT;
        }
        lockedOnce(statement);
        return false;
    }

    @Test
    void a_look_that_takes_longer_than_a_statement_may_is_cut_until_it_passes() {
        TableFill bench = fake(TableFill.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "look" -> {
                int rows = (int) arguments[0];
                looks.add(rows);
                if (rows > 20) {
                    throw new NeapException(Kind.RETRY, "canceling statement due to statement timeout");
                }
                yield new TableFill.Looked(0, true, "");
            }
            case "catchUp" -> new TableFill.CaughtUp(0, false, "");
            case "ended" -> false;
            default -> answer(method.getName(), method.getReturnType());
        });

        new FillTable(bench, Duration.ofMillis(200), 1_000, Duration.ZERO).end(watch());

        assertThat(looks).first().isEqualTo(500);
        assertThat(looks.get(looks.size() - 1)).isBetween(1, 20);
        assertThat(failedOnce).contains("walked", "lookAgain");
    }

    @Test
    void the_plans_of_what_follows_changes_and_of_the_last_look_are_watched() {
        List<String> asked = new ArrayList<>();
        TableFill bench = fake(TableFill.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "reconcilePlans", "lookPlans" -> Optional.of(plans(method.getName(), asked));
            case "catchUp" -> new TableFill.CaughtUp(1, false, "");
            case "look" -> new TableFill.Looked(0, true, "");
            case "ended", "lookAgain" -> false;
            case "walked" -> null;
            default -> answer(method.getName(), method.getReturnType());
        });

        new FillTable(bench, Duration.ofMillis(200), 1_000, Duration.ZERO).end(watch());

        assertThat(asked).containsExactly("reconcilePlans", "lookPlans");
    }

    private static StatementPlans plans(String what, List<String> asked) {
        return fake(StatementPlans.class, (proxy, method, arguments) -> {
            asked.add(what);
            return List.of(new StatementPlan(what, "SELECT", 1, 1, 1, "Result", "[]", List.of()));
        });
    }

    @Test
    void the_end_of_a_segment_that_meets_a_lock_is_recorded_all_the_same() {
        SegmentFill bench = fake(SegmentFill.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "look" -> new SegmentFill.Standing(0, false, 1_000);
            case "fill" ->
                failedOnce.contains("setAside")
                        ? new SegmentFill.Filled(1, 1, 1, true, "")
                        : new SegmentFill.Filled(0, 0, 0, false, "a row is bad");
            default -> answer(method.getName(), method.getReturnType());
        });

        new FillUnit(bench, watch(), Duration.ofMillis(200), 2, 2, () -> {}, new PlanKeeper()).run();

        assertThat(failedOnce).contains("setAside", "done");
    }
}
