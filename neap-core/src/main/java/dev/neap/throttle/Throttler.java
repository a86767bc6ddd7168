package dev.neap.throttle;

import dev.neap.throttle.Decision.Verdict;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes one speed of what the signals say: a pure function of what it was told. It grows gently, the less the nearer a
 * signal is to half of its warning level, and cuts fast. It remembers
 * at what speed there was trouble, comes back to that quickly, and goes past it slowly, so that it does not swing. Between
 * half of a warning level and the whole it changes nothing. Over a limit nothing is written until the signal is below its
 * warning level again; then the run goes on slower than it was. A signal that gives no value is a reason to wait, and after
 * a time to stop. Not for use by several threads.
 */
public final class Throttler {
    /** The least speed but none, in rows per second. */
    static final long LEAST = 10;

    /**
     * A value that ends a run must last this part of the time for which a silent signal is waited: of 10 minutes one. (By
     * default a report on a standby may hold up its replay for 30 s.)
     */
    private static final int TRIPS_AFTER_PART = 10;

    /** Where a run with a higher ceiling, or none, begins, in rows per second. */
    static final long FIRST = 1_000;

    private static final double CUT = 0.7;
    private static final double MOST_CUT = 0.4;
    /**
     * The same where a value tells of a while: it rises all at once when enough of that is bad, which says nothing of how fast
     * things become worse, and the run has grown since it was too fast.
     */
    private static final double LATE_CUT = 0.85;

    /**
     * Such a value is over its warning level by chance now and then. So both cuts are what they are at the limit, and less as
     * it is nearer to the warning level: down to this share of them.
     */
    private static final double LEAST_OF_CUT = 0.1;

    /** What is added to the speed where every signal is as at rest, as a share of it. */
    private static final double GROWTH = 0.2;

    private static final double GENTLE = 1.03;
    /** So far past remembered trouble, there is none. */
    private static final double PAST_TROUBLE = 1.5;
    /**
     * A run without a ceiling is free when it may go so much faster than it ever went; and where it may go so much faster than
     * it goes, it does not grow.
     */
    private static final double UNUSED = 2;
    /**
     * Between two changes their effect is waited for, and then for a value of each signal. That of a cut comes late, and not
     * before all that a value tells of came after it.
     */
    private static final Duration STEP = Duration.ofSeconds(1);

    private static final Duration AFTER_CUT = Duration.ofSeconds(2);

    /** Longer is not waited for before the run grows again: a value that tells of a long while tells early how it changes. */
    private static final Duration LONGEST_EFFECT = Duration.ofMillis(2_500);

    private final Map<String, Track> tracks = new LinkedHashMap<>();
    private final Duration patience;
    private double speed = FIRST;
    private double fastest;
    private double trouble = Double.POSITIVE_INFINITY;
    /** Whether it was cut since every signal was calm. */
    private boolean inTrouble;

    private long changedNanos;
    private long waitingSinceNanos;
    private Verdict before = Verdict.GO;
    /** Whether the wait that goes on has cut the speed. */
    private boolean slowed;

    private String why = "every signal is well";

    /**
     * A throttler of a run that begins.
     *
     * @param patience how long a signal may give no value before the run stops; a tenth of it is how long one may stay so
     *     high that the run ends
     * @param nowNanos now, on any clock that only goes on; the same in every call
     */
    public Throttler(List<Limits> signals, Duration patience, long nowNanos) {
        this.patience = patience;
        this.changedNanos = nowNanos - STEP.toNanos();
        signals.forEach(limits -> tracks.put(limits.signal(), new Track(limits, nowNanos)));
    }

    /** A signal was read. */
    public void read(Limits signal, Reading reading, long nowNanos) {
        Objects.requireNonNull(tracks.get(signal.signal()), signal.signal()).read(reading, nowNanos);
    }

    /**
     * How fast the run may go now.
     *
     * @param ceiling rows per second, at least 1; null for none
     * @param measured how many rows per second it wrote of late, zero or more
     */
    public Decision decide(@Nullable Long ceiling, double measured, long nowNanos) {
        double most = ceiling == null ? Double.POSITIVE_INFINITY : ceiling.doubleValue();
        fastest = Math.max(fastest, measured);
        Optional<Track> silent = tracks.values().stream()
                .filter(track -> track.silent(nowNanos))
                .max(Comparator.comparing(track -> track.lastValue(nowNanos)));
        // Who has closed the run for a time need not hear that it would have ended otherwise.
        boolean closed = first(Track::closed).isPresent();
        Duration tripsAfter = patience.dividedBy(TRIPS_AFTER_PART);
        Optional<Track> trips = closed
                ? Optional.empty()
                : first(track -> !track.silent(nowNanos) && track.trips(tripsAfter, nowNanos));
        Optional<Track> over = trips.or(() -> silent).or(() -> first(Track::stopped));
        if (over.isPresent()) {
            return waits(over.get(), trips.isPresent(), most, measured, nowNanos);
        }
        if (before == Verdict.WAIT) {
            changedNanos = nowNanos;
            why = "goes on after "
                    + Duration.ofNanos(nowNanos - waitingSinceNanos).toSeconds() + " s: " + why;
        }
        first(Track::warns)
                .ifPresentOrElse(track -> cut(track, most, measured, nowNanos), () -> grow(most, measured, nowNanos));
        before = speed < most ? Verdict.SLOW : Verdict.GO;
        return new Decision(before, rows(Math.min(speed, most)), "", why);
    }

    private Optional<Track> first(Predicate<Track> which) {
        return tracks.values().stream().filter(which).findFirst();
    }

    private Decision waits(Track track, boolean trips, double most, double measured, long nowNanos) {
        boolean silent = track.silent(nowNanos);
        boolean tooLong = silent && track.silentFor(nowNanos).compareTo(patience) > 0;
        why = track.words(nowNanos)
                + (trips
                        ? "; it has been over "
                                + track.limits().words(track.limits().trips()) + " for "
                                + patience.dividedBy(TRIPS_AFTER_PART).toSeconds() + " s"
                        : "");
        if (before != Verdict.WAIT) {
            waitingSinceNanos = nowNanos;
            before = Verdict.WAIT;
            slowed = false;
        }
        // What was over its limit behind a silence was as much too fast.
        if (!slowed && !silent && track.limits().unit() != Limits.Unit.FLAG) {
            slowed = true;
            slower(track, most, measured, nowNanos);
        }
        Verdict verdict = trips ? Verdict.TRIP : tooLong ? Verdict.STOP : Verdict.WAIT;
        return new Decision(verdict, rows(Math.min(speed, most)), track.limits().signal(), why);
    }

    private void cut(Track track, double most, double measured, long nowNanos) {
        Duration wait = inTrouble ? longer(AFTER_CUT, track.limits().memory()) : STEP;
        if (!track.falling() && track.readAfter(changedNanos) && nowNanos - changedNanos >= wait.toNanos()) {
            slower(track, most, measured, nowNanos);
            why = track.words(nowNanos);
        }
    }

    /**
     * The first cut tells what can be borne: the faster the signal rises, the less. (A replica that falls behind a second
     * each second gets nothing done.) What rises after it was written before it.
     */
    private void slower(Track track, double most, double measured, long nowNanos) {
        double base = went(most, measured);
        boolean late = !track.limits().memory().isZero();
        double part = late ? Math.min(1, Math.max(LEAST_OF_CUT, track.over())) : 1;
        if (!inTrouble) {
            inTrouble = true;
            base *= late ? 1 - part * (1 - LATE_CUT) : Math.max(MOST_CUT, 1 - track.rise());
            trouble = base;
        }
        speed = Math.max(LEAST, base * (1 - part * (1 - CUT)));
        changedNanos = nowNanos;
    }

    /** How fast it went, or may have: a cut of what nobody uses would have no effect. */
    private double went(double most, double measured) {
        double allowed = Math.min(speed, most);
        if (Double.isInfinite(allowed)) {
            return measured > 0 ? measured : FIRST;
        }
        return Math.max(allowed / 2, Math.min(allowed, measured));
    }

    /** After so long, in nanoseconds, a change of speed shows in a signal's values. */
    private static long effect(Track track) {
        return Math.min(track.limits().memory().toNanos() / 2, LONGEST_EFFECT.toNanos());
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** What nobody uses tells nothing of what can be borne: so a run that waits for a lock or builds an index does not grow. */
    private void grow(double most, double measured, long nowNanos) {
        double room = tracks.values().stream().mapToDouble(Track::room).min().orElse(1);
        boolean read = tracks.values().stream().allMatch(track -> track.readAfter(changedNanos + effect(track)));
        boolean used = measured * UNUSED >= speed;
        if (Double.isInfinite(speed) || room <= 0 || !used || !read || nowNanos - changedNanos < STEP.toNanos()) {
            return;
        }
        inTrouble = false;
        boolean near = speed >= trouble && speed < trouble * PAST_TROUBLE;
        double next = speed * (near ? GENTLE : Math.max(GENTLE, 1 + GROWTH * room));
        speed = speed < trouble ? Math.min(next, trouble) : next;
        changedNanos = nowNanos;
        why = "every signal is well";
        if (speed >= Math.min(most, fastest > 0 ? fastest * UNUSED : Double.POSITIVE_INFINITY)) {
            speed = Double.POSITIVE_INFINITY;
            trouble = Double.POSITIVE_INFINITY;
        }
    }

    private static @Nullable Long rows(double speed) {
        return Double.isInfinite(speed) ? null : Math.max(1, Math.round(speed));
    }
}
