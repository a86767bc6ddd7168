package dev.neap.backfill;

import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads `throttle.server`, and `server` of a profile. */
final class ServerSignalsCompiler {
    private final String path;
    private final Complaint complaint;

    /** @param path what its keys begin with, with the dot */
    ServerSignalsCompiler(String path, Complaint complaint) {
        this.path = path;
        this.complaint = complaint;
    }

    /** What it says, before what the profile heeds; after a problem as much of it as makes sense. */
    ServerSignals signals(Map<String, String> given, ServerSignals profile) {
        Map<ServerSignal, Double> limits = new EnumMap<>(ServerSignal.class);
        limits.putAll(profile.limits());
        Set<ServerSignal> asked = new TreeSet<>(profile.asked());
        given.forEach((key, text) -> named(key).ifPresent(signal -> {
            OptionalDouble limit = signal.parse(text);
            if (text.strip().equals("none")) {
                limits.remove(signal);
                asked.remove(signal);
            } else if (limit.isEmpty()) {
                complaint.about(path + key, "it cannot be '" + text + "'; " + signal.wanted());
            } else {
                limits.put(signal, limit.getAsDouble());
                asked.add(signal);
            }
        }));
        return new ServerSignals(limits, asked);
    }

    private Optional<ServerSignal> named(String key) {
        Optional<ServerSignal> named = Stream.of(ServerSignal.values())
                .filter(signal -> signal.key().equals(key))
                .findFirst();
        if (named.isEmpty()) {
            List<String> keys =
                    Stream.of(ServerSignal.values()).map(ServerSignal::key).toList();
            complaint.about(path + key, "there is no such signal" + Nearest.hint(key, keys));
        }
        return named;
    }
}
