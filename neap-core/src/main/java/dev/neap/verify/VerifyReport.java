package dev.neap.verify;

import java.time.Duration;
import java.util.List;

/**
 * What a full verification found.
 *
 * @param backfill the backfill's name
 * @param tables one for each fill of the file, in its order
 * @param took how long it took
 */
public record VerifyReport(String backfill, List<TableReport> tables, Duration took) {
    public VerifyReport {
        tables = List.copyOf(tables);
    }

    /** Whether every table is proved. */
    public boolean proved() {
        return tables.stream().allMatch(TableReport::proved);
    }
}
