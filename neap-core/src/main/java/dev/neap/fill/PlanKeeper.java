package dev.neap.fill;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.StatementPlans;
import dev.neap.fill.Turned.Accepted;
import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.rebuild.UnitWatch;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at the plans of some of a fill's statements again and again, and mends what has turned to reading a large table
 * whole. One for the batches of all segments of a fill in a process, one for what follows the application's changes, one for
 * the last look. Safe for many threads; one looks at a time.
 */
public final class PlanKeeper {
    private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);
    private static final Duration BETWEEN_ODD_LOOKS = Duration.ofSeconds(5);

    private final BatchTimes times = new BatchTimes();
    private final Map<String, StatementPlan> good = new HashMap<>();
    private final Set<Accepted> accepted = new HashSet<>();
    private long looked = System.nanoTime() - BETWEEN_LOOKS.toNanos();
    private int using;
    private List<TableScan> forced = List.of();

    /** A segment begins: what was found for the ones before holds for it. */
    synchronized void begin(Optional<StatementPlans> plans) {
        plans.ifPresent(each -> each.use(using, forced));
    }

    /**
     * A transaction of these statements has committed; nothing is open.
     *
     * @param plans empty where the server does not tell
     * @param rows rows that it meant to write, or looked at, zero or more
     */
    synchronized void after(Optional<StatementPlans> plans, UnitWatch watch, long rows, Duration took) {
        if (times.odd(rows, took) && since(BETWEEN_ODD_LOOKS)) {
            look(plans, watch, rows + " rows took " + took.toMillis() + " ms");
        } else if (since(BETWEEN_LOOKS)) {
            look(plans, watch, "a look from time to time");
        }
    }

    /** One was rolled back, perhaps because it took too long; nothing is open. */
    synchronized void missed(Optional<StatementPlans> plans, UnitWatch watch) {
        if (since(BETWEEN_ODD_LOOKS)) {
            look(plans, watch, "a transaction was rolled back");
        }
    }

    private boolean since(Duration time) {
        return System.nanoTime() - looked >= time.toNanos();
    }

    private void look(Optional<StatementPlans> plans, UnitWatch watch, String reason) {
        long before = looked;
        looked = System.nanoTime();
        try {
            if (plans.isPresent() && !mend(plans.get(), watch, reason)) {
                looked = before;
            }
        } catch (NeapException e) {
            if (e.kind() != Kind.LOCK && e.kind() != Kind.RETRY) {
                throw e;
            }
            watch.note("the plans could not be looked at, and are later: " + e.getMessage());
        }
    }

    /** Returns whether there was anything to look at yet. */
    boolean mend(StatementPlans plans, UnitWatch watch, String reason) {
        Set<String> refreshed = new HashSet<>();
        List<StatementPlan> now = plans.now();
        if (now.isEmpty()) {
            return false;
        }
        List<Turned> turned = Turned.of(now, good, accepted);
        String last = turned.isEmpty() ? "" : turned.get(0).words();
        while (!turned.isEmpty()) {
            List<TableScan> old = turned.stream()
                    .map(Turned::scan)
                    .filter(scan -> !refreshed.contains(scan.table())
                            && plans.statistics(scan).old())
                    .toList();
            String why = turned.get(0).words() + " (" + reason + ")";
            switch (Turned.next(turned, !old.isEmpty(), plans.means().size() - using)) {
                case ANALYZE -> {
                    TableScan one = old.get(0);
                    refreshed.add(one.table());
                    watch.note(why + ", and its statistics are old: ANALYZE " + one.table());
                    plans.refresh(one);
                }
                case FORCE -> {
                    using++;
                    forced = turned.stream().map(Turned::scan).toList();
                    plans.use(using, forced);
                    watch.note(why + ": from now on " + plans.means().get(using - 1));
                }
                case ACCEPT -> {
                    turned.forEach(t ->
                            accepted.add(new Accepted(t.plan().name(), t.scan().table())));
                    using = 0;
                    forced = List.of();
                    plans.use(using, forced);
                    watch.note(why + ", as it did when the run began, and nothing helps: it goes on so");
                }
                default -> stop(turned, watch, why);
            }
            now = plans.now();
            turned = Turned.of(now, good, accepted);
        }
        if (!last.isEmpty() && accepted.isEmpty()) {
            watch.note("mended: no statement reads a large table whole any more");
        }
        now.stream().filter(plan -> plan.tooMuch().isEmpty()).forEach(plan -> {
            good.put(plan.name(), plan);
            // Somebody has made the index that was missing: from now on it is missed again.
            accepted.removeIf(was -> was.statement().equals(plan.name()));
        });
        return true;
    }

    private static void stop(List<Turned> turned, UnitWatch watch, String why) {
        Turned worst =
                turned.stream().filter(t -> t.before() != null).findFirst().orElseThrow();
        watch.note(why + ", and neither ANALYZE nor telling the planner to use an index helps: the run stops");
        throw new NeapException(
                Kind.PLAN,
                worst.words() + ", about " + worst.scan().tableRows() + " rows, and did not before; neither ANALYZE nor"
                        + " telling the planner to use an index helps. Was an index dropped?"
                        + (worst.scan().columns().isEmpty()
                                ? ""
                                : " One over (" + worst.scan().columns() + ") would serve.")
                        + " What is committed stays; the same command goes on when it is mended.\n"
                        + SideBySide.of(
                                "before",
                                worst.before() == null ? "" : worst.before().text(),
                                "now",
                                worst.plan().text()));
    }
}
