package dev.neap.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableStatisticsTest {
    @ParameterizedTest
    @CsvSource({
        // rows, changed, told, pages then, pages now, old
        "1000000, 0, true, 10000, 10000, false",
        "1000000, 100050, true, 10000, 10500, false",
        "1000000, 100051, true, 10000, 10500, true",
        "100, 60, true, 2, 3, false",
        "100, 61, true, 2, 3, true",
        "-1, 0, true, 0, 0, true",
        "1000000, 0, false, 10000, 10000, true",
        "1000000, 0, true, 10000, 20011, true",
        "1000000, 0, true, 20011, 10000, true",
        "10, 0, true, 0, 9, false",
    })
    void what_the_planner_knows_is_old(long rows, long changed, boolean told, long then, long now, boolean old) {
        assertThat(new TableStatistics(rows, changed, told, then, now).old()).isEqualTo(old);
    }

    @Test
    void a_scan_is_too_much_where_a_large_table_is_read_whole_for_few_of_its_rows() {
        assertThat(scan(true, false, 100_000, 9_000_000).tooMuch(500)).isTrue();
        assertThat(scan(false, false, 100_000, 9_000_000).tooMuch(500)).isFalse();
        assertThat(scan(true, false, 5_000, 9_000_000).tooMuch(500)).isFalse();
        assertThat(scan(true, false, 100_000, 8_000_000).tooMuch(500)).isFalse();
        assertThat(scan(true, true, 100_000, 8_000_000).tooMuch(500)).isTrue();
        assertThat(scan(true, true, 100_000, 1_000_000).tooMuch(500)).isFalse();
        assertThat(scan(true, true, 5_000, 8_000_000).tooMuch(500)).isTrue();
    }

    private static TableScan scan(boolean whole, boolean forEachRow, long rows, long bytes) {
        return new TableScan("public.t", "t", "Seq Scan", null, whole, forEachRow, rows, bytes, "id");
    }
}
