package dev.neap.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.StatementPlans;
import dev.neap.fill.Turned.Accepted;
import dev.neap.fill.Turned.Mend;
import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.plan.TableStatistics;
import dev.neap.rebuild.UnitWatch;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is decided about plans, without a server. */
class PlanKeeperTest {
    private static StatementPlan plan(boolean whole) {
        return new StatementPlan(
                "write",
                "UPDATE t",
                500,
                500,
                10,
                whole ? "Seq Scan on t" : "Index Scan on t",
                "[]",
                List.of(new TableScan(
                        "public.t",
                        "t",
                        whole ? "Seq Scan" : "Index Scan",
                        whole ? null : "t_pkey",
                        whole,
                        false,
                        1_000_000,
                        100_000_000,
                        "id")));
    }

    @Test
    void a_plan_has_turned_that_reads_a_large_table_whole_unless_that_was_accepted() {
        assertThat(Turned.of(List.of(plan(false)), Map.of(), Set.of())).isEmpty();
        assertThat(Turned.of(List.of(plan(true)), Map.of("write", plan(false)), Set.of()))
                .singleElement()
                .satisfies(t -> {
                    assertThat(t.before()).isEqualTo(plan(false));
                    assertThat(t.words()).isEqualTo("the statement 'write' reads all of public.t");
                });
        assertThat(Turned.of(List.of(plan(true)), Map.of(), Set.of(new Accepted("write", "public.t"))))
                .isEmpty();
        assertThat(Turned.of(List.of(plan(true)), Map.of(), Set.of(new Accepted("walk", "public.t"))))
                .hasSize(1);
    }

    @Test
    void old_statistics_come_first_then_the_index_then_the_end_and_what_was_always_so_is_accepted() {
        List<Turned> later = Turned.of(List.of(plan(true)), Map.of("write", plan(false)), Set.of());
        List<Turned> always = Turned.of(List.of(plan(true)), Map.of(), Set.of());

        assertThat(Turned.next(List.of(), true, 1)).isEqualTo(Mend.NOTHING);
        assertThat(Turned.next(later, true, 1)).isEqualTo(Mend.ANALYZE);
        assertThat(Turned.next(later, false, 1)).isEqualTo(Mend.FORCE);
        assertThat(Turned.next(later, false, 0)).isEqualTo(Mend.STOP);
        assertThat(Turned.next(always, true, 0)).isEqualTo(Mend.ANALYZE);
        assertThat(Turned.next(always, false, 0)).isEqualTo(Mend.ACCEPT);
    }

    @Test
    void a_batch_is_odd_that_took_much_longer_than_its_size_explains() {
        BatchTimes times = new BatchTimes();

        assertThat(times.odd(500, Duration.ofSeconds(9)))
                .as("nothing is known yet")
                .isFalse();
        for (int i = 0; i < 6; i++) {
            assertThat(times.odd(500, Duration.ofMillis(100))).isFalse();
        }
        assertThat(times.odd(5_000, Duration.ofSeconds(1)))
                .as("ten times as many rows")
                .isFalse();
        assertThat(times.odd(500, Duration.ofMillis(390))).isFalse();
        assertThat(times.odd(500, Duration.ofMillis(410))).isTrue();
        assertThat(times.odd(2, Duration.ofMillis(90)))
                .as("a small batch that was quick")
                .isFalse();
        assertThat(times.odd(0, Duration.ofSeconds(9))).isFalse();
    }

    @Test
    void what_is_slow_for_long_is_the_measure_after_a_while() {
        BatchTimes times = new BatchTimes();
        for (int i = 0; i < 20; i++) {
            times.odd(500, Duration.ofMillis(100));
        }
        boolean odd = true;
        for (int i = 0; i < 15; i++) {
            odd = times.odd(500, Duration.ofSeconds(1));
        }

        assertThat(odd).isFalse();
    }

    @Test
    void two_plans_stand_side_by_side_and_are_cut() {
        assertThat(SideBySide.of("before", "Index Scan\n  Index Cond", "now", "Seq Scan"))
                .isEqualTo("""
                        before       | now
                        Index Scan   | Seq Scan
                          Index Cond |""");
        assertThat(SideBySide.of("a", "x\n".repeat(40), "b", "y".repeat(90)).lines())
                .hasSize(32)
                .anySatisfy(line -> assertThat(line).endsWith("y…"));
    }

    /** What the server makes of one statement, whatever it is told. */
    private static final class Server implements StatementPlans {
        private boolean whole;

        @Override
        public List<StatementPlan> now() {
            return List.of(plan(whole));
        }

        @Override
        public TableStatistics statistics(TableScan scan) {
            return new TableStatistics(1_000_000, 0, true, 100, 100);
        }

        @Override
        public void refresh(TableScan scan) {
            throw new IllegalStateException("they are not old");
        }

        @Override
        public List<String> means() {
            return List.of();
        }

        @Override
        public void use(int which, List<TableScan> scans) {
            assertThat(which).isZero();
        }
    }

    @Test
    void what_was_so_from_the_beginning_and_was_mended_meanwhile_is_not_accepted_again() {
        UnitWatch watch = (UnitWatch) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {UnitWatch.class}, (proxy, method, arguments) -> null);
        PlanKeeper keeper = new PlanKeeper();
        Server server = new Server();

        server.whole = true;
        keeper.mend(server, watch, "it begins");
        keeper.mend(server, watch, "it was accepted");
        server.whole = false;
        keeper.mend(server, watch, "somebody made the index");
        server.whole = true;

        assertThatThrownBy(() -> keeper.mend(server, watch, "somebody dropped it"))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("did not before");
    }
}
