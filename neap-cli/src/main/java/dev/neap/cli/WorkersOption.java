package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import dev.neap.run.Engine;
import picocli.CommandLine.Option;

/** How many units are at work at once. */
final class WorkersOption {
    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Works on so many units at once, 1 to 16, under the one pace of the run. Each takes two or three sessions of"
                            + " the database, and the disk for its shadow. Default: ${DEFAULT-VALUE}.")
    private int count;

    /** Before anything is looked at. */
    void check() {
        if (count < 1 || count > Engine.MOST_WORKERS) {
            throw new BackfillException(
                    "--workers " + count + " is not between 1 and " + Engine.MOST_WORKERS + "; say --workers 2");
        }
    }

    int count() {
        return count;
    }
}
