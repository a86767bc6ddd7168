package dev.neap.verify;

import java.time.Duration;
import java.util.List;

/**
 * What a verification found.
 *
 * @param backfill the backfill's name
 * @param tables one for each fill of the file, in its order; of a rebuild one for each partition, in the order of its units
 * @param assertions the file's own; empty where writes were watched
 * @param took how long it took
 * @param readers what was kept with the newest run of a fill on whether readers cope with what is not filled yet, in words:
 *     what was found, and last who answered for them; empty where nothing was, it cannot be read, or writes were watched
 */
public record VerifyReport(
        String backfill, List<TableReport> tables, List<Assertion> assertions, Duration took, List<String> readers) {
    public VerifyReport {
        tables = List.copyOf(tables);
        assertions = List.copyOf(assertions);
        readers = List.copyOf(readers);
    }

    /** Without a word about readers. */
    public VerifyReport(String backfill, List<TableReport> tables, List<Assertion> assertions, Duration took) {
        this(backfill, tables, assertions, took, List.of());
    }

    /** Whether every table is proved, and every assertion holds. */
    public boolean proved() {
        return tables.stream().allMatch(TableReport::proved)
                && assertions.stream().allMatch(Assertion::holds);
    }
}
