package dev.neap.cli;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags that come before the environment, the file and its profile. */
final class SettingOptions {
    private final Map<String, String> flags = new HashMap<>();

    @Option(names = "--profile", paramLabel = "NAME", description = "dev, staging, prod, or one of the file's.")
    void profile(@Nullable String value) {
        put("profile", value);
    }

    @Option(names = "--url", paramLabel = "URL", description = "Where the database is.")
    void url(@Nullable String value) {
        put("connection", value);
    }

    @Option(names = "--rate", paramLabel = "RATE", description = "The ceiling, such as '5000 rows/s', or none.")
    void rate(@Nullable String value) {
        put("rate", value);
    }

    @Option(names = "--pause", paramLabel = "TIME", description = "The wait between two units, such as 30s.")
    void pause(@Nullable String value) {
        put("pause", value);
    }

    @Option(names = "--batch-pause", paramLabel = "TIME", description = "The wait between two batches.")
    void batchPause(@Nullable String value) {
        put("batch_pause", value);
    }

    @Option(names = "--batch-rows", paramLabel = "N", description = "About how many rows one transaction loads.")
    void batchRows(@Nullable String value) {
        put("batch_rows", value);
    }

    @Option(names = "--failure-limit", paramLabel = "N", description = "How many units may fail.")
    void failureLimit(@Nullable String value) {
        put("failure_limit", value);
    }

    @Option(names = "--keep-old", paramLabel = "TIME", description = "How long replaced partitions are kept.")
    void keepOld(@Nullable String value) {
        put("keep_old", value);
    }

    private void put(String name, @Nullable String value) {
        if (value != null) {
            flags.put(name, value);
        }
    }

    /** The file with these flags over it. */
    BackfillFile read(Path file, Environment environment) {
        return BackfillFile.read(file, environment, flags);
    }
}
