package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import dev.neap.backfill.Durations;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long it is watched whether an application writes both places of a fill. */
final class DualWriteOption {
    /** A time for who has named none. */
    static final String USUAL = "60s";

    private static final Duration MOST = Duration.ofHours(24);

    @Option(
            names = "--dual-write",
            paramLabel = "TIME",
            description =
                    "Watches for TIME, such as 60s, what the application writes, and compares just that: whether it"
                            + " is in both places, and agrees. Nothing written is no evidence, and exit 4.")
    private @Nullable String time;

    /**
     * The time; empty where the option is not given.
     *
     * @throws BackfillException where it is no time, or over a day
     */
    Optional<Duration> watch() {
        if (time == null) {
            return Optional.empty();
        }
        Optional<Duration> watch = Durations.parse(time)
                .filter(duration -> duration.compareTo(Duration.ZERO) > 0 && duration.compareTo(MOST) <= 0);
        if (watch.isEmpty()) {
            throw new BackfillException("--dual-write cannot be '" + time
                    + "'; write a number with ms, s, m or h, such as 60s, at most 24h");
        }
        return watch;
    }
}
