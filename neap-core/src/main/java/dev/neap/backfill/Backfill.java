package dev.neap.backfill;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the user declares, checked. It never holds the connection's secrets.
 *
 * @param name the backfill's name, 1 to 63 characters
 * @param profile its limits
 * @param strategy what is rebuilt or filled
 * @param pace how fast it may go; the profile's ceiling is already in it where the file names none
 * @param batchRows about how many rows one transaction should load, in whole blocks of the table; at least 1
 * @param failureLimit how many units may fail before the run stops, at least 1
 * @param assertions name to SQL that must yield true: of a rebuild before each swap, where `:shadow` and `:live` stand for the
 *     two tables of a unit; of a fill when it is verified
 * @param replicas URLs, as written in the file with their placeholders, of hot standbys whose readers are waited for, and
 *     whose lag is watched; where none is named, the lag of all that the server knows is
 * @param throttle the signals that a run heeds
 * @param breaker what ends a run at once
 */
public record Backfill(
        String name,
        Profile profile,
        Strategy strategy,
        Pace pace,
        int batchRows,
        int failureLimit,
        Map<String, String> assertions,
        List<String> replicas,
        Throttle throttle,
        BreakerLimits breaker) {
    /** With the signals of its profile. */
    public Backfill(
            String name,
            Profile profile,
            Strategy strategy,
            Pace pace,
            int batchRows,
            int failureLimit,
            Map<String, String> assertions,
            List<String> replicas) {
        this(
                name,
                profile,
                strategy,
                pace,
                batchRows,
                failureLimit,
                assertions,
                replicas,
                Throttle.of(profile),
                BreakerLimits.of(Throttle.of(profile)));
    }

    public Backfill {
        if (name.isBlank() || name.length() > 63) {
            throw new IllegalArgumentException("a backfill's name has 1 to 63 characters");
        }
        if (batchRows < 1 || failureLimit < 1) {
            throw new IllegalArgumentException("batch rows and failure limit are at least 1");
        }
        assertions = Collections.unmodifiableMap(new LinkedHashMap<>(assertions));
        replicas = List.copyOf(replicas);
    }

    /** Whether it fills; otherwise it rebuilds. */
    public boolean fills() {
        return strategy instanceof Fill || strategy instanceof Fills;
    }

    /**
     * What is rebuilt.
     *
     * @throws IllegalStateException when nothing is
     */
    public Rebuild rebuild() {
        if (strategy instanceof Rebuild rebuild) {
            return rebuild;
        }
        throw new IllegalStateException(name + " is no rebuild");
    }

    /**
     * What is filled; of several tables the one that this part is about.
     *
     * @throws IllegalStateException when nothing is
     */
    public Fill fill() {
        if (strategy instanceof Fills fills) {
            return fills.fill();
        }
        if (strategy instanceof Fill fill) {
            return fill;
        }
        throw new IllegalStateException(name + " is no fill");
    }

    /** Which of several fills this is about, from 1; 1 where there is one, and for a rebuild. */
    public int part() {
        return strategy instanceof Fills fills ? fills.part() : 1;
    }

    /** The same backfill about each of its fills, in their order; itself where there is no more than one. */
    public List<Backfill> parts() {
        return strategy instanceof Fills fills
                ? IntStream.rangeClosed(1, fills.all().size())
                        .mapToObj(part -> with(new Fills(fills.all(), part)))
                        .toList()
                : List.of(this);
    }

    /** Whether it fills a place that the application has to write by itself, too. */
    public boolean byApplication() {
        return fills() && parts().stream().anyMatch(part -> !part.fill().byTrigger());
    }

    /** How long what is replaced is kept; nothing is replaced by a fill. */
    public Duration keepOld() {
        return strategy instanceof Rebuild rebuild ? rebuild.keepOld() : Duration.ZERO;
    }

    /** The same for a server whose replicas are not those that the file names. */
    public Backfill elsewhere() {
        return new Backfill(
                name, profile, strategy, pace, batchRows, failureLimit, assertions, List.of(), throttle, breaker);
    }

    /** The same with something else to do. */
    public Backfill with(Strategy other) {
        return new Backfill(
                name, profile, other, pace, batchRows, failureLimit, assertions, replicas, throttle, breaker);
    }

    /** The same with other signals. */
    public Backfill with(Throttle other) {
        return new Backfill(
                name, profile, strategy, pace, batchRows, failureLimit, assertions, replicas, other, breaker);
    }

    /** SHA-256, in hex, of what decides which rows are written and how: not of pace, profile or assertions. */
    public String declared() {
        return Declaration.hash(this);
    }
}
