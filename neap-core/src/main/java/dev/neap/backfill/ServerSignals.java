package dev.neap.backfill;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which of the server's own signals a run heeds.
 *
 * @param limits those that are on, each with the value from which on nothing is written: percent, seconds, bytes, a count or a
 *     multiple
 * @param asked those that the file itself asks for: a server that cannot tell is refused
 */
public record ServerSignals(Map<ServerSignal, Double> limits, Set<ServerSignal> asked) {
    /** None is heeded. */
    public static final ServerSignals NONE = new ServerSignals(Map.of(), Set.of());

    /** Each with its own limit, but for those that a file must ask for. */
    public static final ServerSignals ALL = new ServerSignals(
            Stream.of(ServerSignal.values())
                    .filter(signal -> !signal.ofMachine())
                    .collect(Collectors.toMap(signal -> signal, ServerSignal::limit)),
            Set.of());

    /** Those that tell of reading. */
    ServerSignals whileReading() {
        return only(ServerSignal::tellsOfReading);
    }

    /** Those of them that are such. */
    ServerSignals only(Predicate<ServerSignal> such) {
        return new ServerSignals(
                limits.entrySet().stream()
                        .filter(limit -> such.test(limit.getKey()))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)),
                asked.stream().filter(such).collect(Collectors.toSet()));
    }

    /** They are kept in the order in which they are declared. */
    public ServerSignals {
        limits = Collections.unmodifiableMap(new TreeMap<>(limits));
        asked = Collections.unmodifiableSet(new TreeSet<>(asked));
    }
}
