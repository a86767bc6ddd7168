package dev.neap.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * How far a campaign is: a line for each history that was played, in a file that grows. What a test prints is kept back
 * until its class is over, which for a campaign in full is hours. For one thread.
 */
public final class CampaignLog {
    private final Path file;
    private final int histories;
    private int played;
    private long beganNanos = System.nanoTime();

    /**
     * Goes on in `target/campaign/<class>.log` of the module whose tests these are.
     *
     * @param histories how many will be played
     */
    public CampaignLog(Class<?> campaign, int histories) {
        this(Path.of("target", "campaign"), campaign, histories);
    }

    CampaignLog(Path folder, Class<?> campaign, int histories) {
        this.file = folder.resolve(campaign.getSimpleName() + ".log");
        this.histories = histories;
    }

    /**
     * One more was played, since the one before it or since this began.
     *
     * @param report what is to be known of it: its seed, its shape, its counts; the first line is kept
     * @param right whether it ended as it must
     */
    public void played(String report, boolean right) {
        long now = System.nanoTime();
        String line = Instant.now().truncatedTo(ChronoUnit.SECONDS)
                + " " + ++played + "/" + histories
                + (right ? " right, " : " WRONG, ")
                + Duration.ofNanos(now - beganNanos).toSeconds() + " s, "
                + report.lines().findFirst().orElse("") + "\n";
        beganNanos = now;
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
