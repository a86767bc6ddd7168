package dev.neap.cli.progress;

import dev.neap.cli.progress.RunView.UnitView;
import dev.neap.control.RunStatus;
import dev.neap.throttle.Decision.Verdict;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows a run that goes on elsewhere: the same view, from what the control tables say. Not for several threads. */
public final class StatusView {
    private final Speed speed = new Speed();

    /**
     * The run as it stands.
     *
     * @param status what is known now
     * @param at time since the watching began
     */
    public RunView view(RunStatus status, Duration at) {
        speed.add(at, rows(status));
        List<UnitView> units = status.current().stream()
                .map(unit -> new UnitView(
                        0,
                        unit.partition(),
                        unit.step(),
                        unit.attempt(),
                        unit.rows(),
                        Math.max(unit.rows(), unit.rowsEstimated()),
                        unit.waitingFor()))
                .toList();
        boolean paused = status.wish().equals("pause");
        return new RunView(
                status.backfill(),
                status.units().done() + status.units().skipped(),
                status.units().failed(),
                status.units().all(),
                rows(status),
                Math.max(rows(status), status.rowsEstimated()),
                status.alive() ? speed.perSecond(at) : null,
                paused ? null : status.remaining(),
                status.units().done() == 0,
                settling(status),
                paused ? "paused" : null,
                slowed(status),
                units);
    }

    private static @Nullable String slowed(RunStatus status) {
        String speed = status.alive() ? status.speed() : null;
        return speed != null && speed.startsWith(Verdict.SLOW.label()) ? speed : null;
    }

    private static boolean settling(RunStatus status) {
        RunStatus.Counts units = status.units();
        boolean swapped = units.done() > 0 && units.pending() + units.running() + units.failed() == 0;
        return swapped && status.alive() && status.state().equals("running");
    }

    /** The share that is done, 0 to 100. */
    public static int percent(RunStatus status) {
        return new StatusView().view(status, Duration.ZERO).percent();
    }

    private static long rows(RunStatus status) {
        return status.rowsDone();
    }
}
