package dev.neap.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.progress.LineProgress;
import dev.neap.cli.text.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The demo in small, played whole. */
class TheatreTest {
    private final List<String> told = new ArrayList<>();
    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

    @Test
    void a_rebuild_under_traffic_passes_every_check() {
        Theatre.Shown shown;
        List<String> invitation;
        try (Theatre theatre = open(60_000)) {
            shown = theatre.demo();
            invitation = theatre.invitation();
        }

        assertThat(shown.lines()).noneMatch(line -> line.contains("FAILED"));
        assertThat(shown.good()).isTrue();
        DemoReport report = (DemoReport) shown.data();
        assertThat(report.checks()).hasSize(9).allMatch(DemoReport.Check::passed);
        assertThat(report.partitions()).isEqualTo(6);
        assertThat(report.audit().rows()).isGreaterThan(50_000);
        assertThat(report.audit().writes()).isPositive();
        assertThat(report.during().reads()).isPositive();
        assertThat(report.during().wrongReads()).isZero();
        assertThat(report.keptPartitions()).isEqualTo(6);
        assertThat(told).anyMatch(line -> line.contains("already_right: unit = 'cent'"));
        assertThat(progress.toString(StandardCharsets.UTF_8)).contains("bank.entry_2022_01 done");
        assertThat(invitation).anyMatch(line -> line.contains("psql"));
        ObjectNode json = Json.object(report);
        assertThat(json.at("/during/wrong_reads").asLong()).isZero();
        assertThat(json.at("/audit/lost_writes").asLong()).isZero();
    }

    @Test
    void three_ways_are_told_and_drawn_side_by_side() {
        Theatre.Shown shown;
        try (Theatre theatre = open(24_000)) {
            shown = theatre.versus();
        }

        VersusReport report = (VersusReport) shown.data();
        assertThat(report.lines())
                .extracting(VersusReport.Line::name)
                .containsExactly("no rebuild", "one UPDATE", "usual recipe", "Neap");
        assertThat(report.good()).isTrue();
        assertThat(shown.lines()).anyMatch(line -> line.startsWith("Neap "));
        assertThat(shown.picture()).startsWith("<svg").endsWith("</svg>\n").contains("usual recipe");
    }

    private Theatre open(long rows) {
        PrintStream out = new PrintStream(progress, true, StandardCharsets.UTF_8);
        long begin = System.nanoTime();
        return Theatre.open(
                rows,
                6,
                7,
                told::add,
                plan -> new LineProgress(
                        plan.backfill().name(), out, () -> Duration.ofNanos(System.nanoTime() - begin)));
    }
}
