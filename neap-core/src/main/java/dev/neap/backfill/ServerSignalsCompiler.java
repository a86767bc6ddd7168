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

/** Reads `throttle.server`. */
final class ServerSignalsCompiler {
    private static final String PATH = "throttle.server.";

    private final Settings settings;
    private final Complaint complaint;

    ServerSignalsCompiler(Settings settings, Complaint complaint) {
        this.settings = settings;
        this.complaint = complaint;
    }

    /** What it says, before what the profile heeds; after a problem as much of it as makes sense. */
    ServerSignals signals(Map<String, String> given, ServerSignals profile) {
        Map<ServerSignal, Double> limits = new EnumMap<>(ServerSignal.class);
        limits.putAll(profile.limits());
        Set<ServerSignal> asked = new TreeSet<>();
        given.forEach((key, text) -> named(key).ifPresent(signal -> {
            OptionalDouble limit = signal.parse(text);
            if (text.strip().equals("none")) {
                limits.remove(signal);
            } else if (limit.isEmpty()) {
                complaint.about(PATH + key, "it cannot be '" + text + "'; " + signal.wanted());
            } else {
                limits.put(signal, limit.getAsDouble());
                asked.add(signal);
            }
            settings.note(PATH + key, text.strip());
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
            complaint.about(PATH + key, "there is no such signal" + Nearest.hint(key, keys));
        }
        return named;
    }
}
