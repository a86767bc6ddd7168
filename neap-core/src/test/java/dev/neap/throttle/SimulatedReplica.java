package dev.neap.throttle;

import dev.neap.throttle.Limits.Unit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * A replica that replays so many rows a second, and a run that writes as fast as its throttler allows. Lag is the age of
 * the oldest row that is not replayed. Time is simulated.
 */
final class SimulatedReplica {
    static final Limits LAG = new Limits("replica lag", Unit.SECONDS, 1, 2, Duration.ofMillis(500), Duration.ZERO);

    private static final double TICK = 0.1;

    /** What was written in one tick. */
    private record Written(double at, double rows) {}

    /** The run at one polling. */
    record Moment(double at, double lag, Decision decision) {
        /** Rows per second that it writes from now on. */
        double writes(double server) {
            Long speed = decision.speed();
            return decision.waits() ? 0 : speed == null ? server : Math.min(server, speed);
        }
    }

    private final Deque<Written> notReplayed = new ArrayDeque<>();
    private final SpeedMeter meter = new SpeedMeter();
    private final Throttler throttler = new Throttler(List.of(LAG), Duration.ofSeconds(60), 0);
    private final double server;
    private final Long ceiling;
    private double now;
    /** Rows over the whole simulation. */
    double rows;

    /**
     * @param server how fast the run could go, in rows per second
     * @param ceiling null for none
     */
    SimulatedReplica(double server, Long ceiling) {
        this.server = server;
        this.ceiling = ceiling;
    }

    /**
     * Goes on for some seconds.
     *
     * @param replays rows per second that are replayed at a moment
     * @param reads what becomes of a lag when it is read; NaN for no value
     */
    List<Moment> run(double seconds, DoubleUnaryOperator replays, DoubleUnaryOperator reads) {
        List<Moment> moments = new ArrayList<>();
        double end = now + seconds;
        Decision decision = poll(reads, moments);
        for (int tick = 1; now < end; tick++) {
            double wrote = new Moment(now, 0, decision).writes(server) * TICK;
            rows += wrote;
            if (!decision.waits()) {
                meter.add(TICK, wrote);
            }
            now += TICK;
            notReplayed.add(new Written(now, wrote));
            replay(replays.applyAsDouble(now) * TICK);
            if (tick % 5 == 0) {
                decision = poll(reads, moments);
            }
        }
        return moments;
    }

    private void replay(double most) {
        double left = most;
        while (!notReplayed.isEmpty() && left > 0) {
            Written oldest = notReplayed.remove();
            if (oldest.rows() > left) {
                notReplayed.addFirst(new Written(oldest.at(), oldest.rows() - left));
            }
            left -= oldest.rows();
        }
    }

    private double lag() {
        return notReplayed.isEmpty() ? 0 : now - notReplayed.element().at();
    }

    private Decision poll(DoubleUnaryOperator reads, List<Moment> moments) {
        long nanos = Math.round(now * 1e9);
        throttler.read(LAG, Reading.of(reads.applyAsDouble(lag()), "b"), nanos);
        Decision decision = throttler.decide(ceiling, meter.perSecond(), nanos);
        moments.add(new Moment(now, lag(), decision));
        return decision;
    }
}
