package dev.neap.throttle;

import java.util.List;

/**
 * The signals that a run heeds.
 *
 * @param signals those that are on; whoever gets them closes them
 * @param off why others are off, a sentence for each
 */
public record Watched(List<Signal> signals, List<String> off) {
    public static final Watched NONE = new Watched(List.of(), List.of());

    public Watched {
        signals = List.copyOf(signals);
        off = List.copyOf(off);
    }
}
