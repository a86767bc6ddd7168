package dev.neap.cli;

import dev.neap.backfill.RowsPerSecond;
import dev.neap.cli.text.Text;
import dev.neap.plan.Estimate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What the ceiling of a plan costs, and what raising it risks. */
final class CeilingText {
    private static final int TIMES = 10;

    private CeilingText() {}

    /** In two lines. */
    static List<String> of(RowsPerSecond rate, Estimate estimate) {
        double seconds = (double) estimate.rows() / rate.rows();
        String log = Text.bytes((long) (estimate.walBytes() / Math.max(1, seconds)));
        return List.of(
                "the ceiling costs " + days(seconds) + "; " + Text.count(rate.rows() * TIMES) + " rows/s would cost "
                        + days(seconds / TIMES),
                "raising it risks replicas that fall behind (now up to " + log
                        + " of WAL a second), a slower application, and longer waits for row locks");
    }

    private static String days(double seconds) {
        Duration whole = Duration.ofSeconds(Math.max(1, Math.round(seconds)));
        return whole.toDays() < 1
                ? Text.duration(whole)
                : String.format(
                        Locale.ROOT, "%,.1f days", seconds / Duration.ofDays(1).toSeconds());
    }
}
