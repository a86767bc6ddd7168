package dev.neap.postgres.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.preflight.Finding;
import dev.neap.preflight.Finding.Severity;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows from what was seen, where it cannot be brought about on a server here. */
class VerdictsTest {
    @ParameterizedTest
    @ValueSource(ints = {12, 13, 19})
    void a_server_that_nobody_tried_is_refused(int major) {
        assertThat(new ServerVersionCheck().verdict(major))
                .singleElement()
                .matches(f -> f.severity() == Severity.ERROR)
                .matches(f -> f.what().equals("this server is PostgreSQL " + major));
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 16, 17, 18})
    void a_server_that_was_tried_is_not(int major) {
        assertThat(new ServerVersionCheck().verdict(major)).isEmpty();
    }

    @Test
    void a_session_that_is_answered_by_its_own_process_has_no_pooler() {
        assertThat(PoolerCheck.verdict(7, List.of(7L, 7L), true)).isEmpty();
    }

    @Test
    void a_pooler_of_unknown_mode_is_a_warning() {
        assertThat(PoolerCheck.verdict(7, List.of(9L, 9L), true))
                .extracting(Finding::severity)
                .containsExactly(Severity.WARNING);
    }

    @Test
    void a_pooler_that_pools_by_transaction_is_refused() {
        assertThat(PoolerCheck.verdict(7, List.of(9L, 8L), true))
                .extracting(Finding::severity)
                .containsExactly(Severity.ERROR);
        assertThat(PoolerCheck.verdict(7, List.of(9L, 9L), false))
                .extracting(Finding::severity)
                .containsExactly(Severity.ERROR);
    }

    @Test
    void extensions_that_spread_tables_are_said() {
        assertThat(new ExtensionsCheck().verdict(List.of())).isEmpty();
        assertThat(new ExtensionsCheck().verdict(List.of("citus 13.0")))
                .singleElement()
                .matches(f -> f.severity() == Severity.WARNING)
                .matches(f -> f.what().endsWith("citus 13.0"));
    }

    @Test
    void few_connections_left_are_a_warning() {
        assertThat(new ConnectionSlotsCheck().verdict(6, 7)).hasSize(1);
        assertThat(new ConnectionSlotsCheck().verdict(7, 7)).isEmpty();
    }

    @Test
    void a_server_whose_clock_is_off_is_a_warning_and_a_slow_answer_is_not() {
        ClockCheck check = new ClockCheck(Clock.systemUTC());
        Instant asked = Instant.parse("2026-01-01T00:00:00Z");

        assertThat(check.verdict(asked, asked.plusSeconds(29), asked.plusSeconds(30)))
                .isEmpty();
        assertThat(check.verdict(asked, asked.minusSeconds(4), asked)).isEmpty();
        assertThat(check.verdict(asked, asked.minusSeconds(6), asked))
                .extracting(Finding::what)
                .containsExactly("the server's clock is 6 s behind this machine's");
        assertThat(check.verdict(asked, asked.plusSeconds(90), asked.plusSeconds(30)))
                .extracting(Finding::what)
                .containsExactly("the server's clock is 60 s ahead of this machine's");
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1.0 kB", "15728640, 15 MB", "9223372036854775807, 8192 PB"})
    void bytes_are_shown_for_people(long bytes, String shown) {
        assertThat(Bytes.of(bytes)).isEqualTo(shown);
    }
}
