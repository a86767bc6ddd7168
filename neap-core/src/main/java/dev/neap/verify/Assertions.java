package dev.neap.verify;

import dev.neap.dialect.NeapException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The file's own assertions. An application may be between its two writes, so one that does not hold is asked again, as often
 * as {@link #MOST_LOOKS} in all; it need hold but once.
 */
final class Assertions {
    private static final int MOST_LOOKS = 3;

    private final Predicate<String> ask;
    private final Map<String, String> assertions;
    private final Duration grace;
    private final Consumer<Duration> sleep;

    /**
     * @param ask whether a query says true; a {@link NeapException} where it cannot be run
     * @param assertions name to query
     * @param grace how long an application may take from its first write to its second
     * @param sleep waits
     */
    Assertions(Predicate<String> ask, Map<String, String> assertions, Duration grace, Consumer<Duration> sleep) {
        this.ask = ask;
        this.assertions = assertions;
        this.grace = grace;
        this.sleep = sleep;
    }

    /**
     * Asks each once, so that one which cannot be run is found before much is read.
     *
     * @throws NeapException USAGE where one cannot
     */
    void tryOut() {
        assertions.forEach(this::holds);
    }

    /** What they say now. */
    List<Assertion> judge() {
        List<Assertion> judged = new ArrayList<>();
        assertions.forEach((name, sql) -> {
            boolean holds = holds(name, sql);
            for (int i = 1; i < MOST_LOOKS && !holds; i++) {
                sleep.accept(grace);
                holds = holds(name, sql);
            }
            judged.add(new Assertion(name, sql, holds));
        });
        return judged;
    }

    private boolean holds(String name, String sql) {
        try {
            return ask.test(sql);
        } catch (NeapException e) {
            throw new NeapException(e.kind(), "assert." + name + ": the assertion cannot be run: " + e.getMessage(), e);
        }
    }
}
