package dev.neap.cli.rehearse;

import dev.neap.testkit.Seeds;
import java.time.Duration;

/** How often the runs of these tests are killed: at every step in a full campaign, at some otherwise. */
final class Kills {
    static final Duration TIME = Seeds.full() ? Duration.ofMinutes(30) : Duration.ofSeconds(10);
    /** Each kill takes more than the two seconds after which a dead process's lease ends. */
    static final Verdict VERDICT = Seeds.full() ? Verdict.GOOD : Verdict.INCOMPLETE;

    private Kills() {}
}
