package dev.neap.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.rehearse.Compared;
import dev.neap.rehearse.Copied;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReceiptTest {
    private static final Compared SAME = new Compared(9, 0, 0, 0, Map.of());

    private static Receipt receipt(
            String outcome, List<String> notKilledAt, Map<String, Long> wrongReads, @Nullable Compared compared) {
        return receipt(outcome, notKilledAt, Map.of(), Map.of(), wrongReads, compared);
    }

    private static Receipt receipt(
            String outcome,
            List<String> notKilledAt,
            Map<String, Long> writes,
            Map<String, Long> refused,
            Map<String, Long> wrongReads,
            @Nullable Compared compared) {
        return new Receipt(
                "fix",
                "3f2a91c0",
                Instant.parse("2025-01-31T12:00:00Z"),
                new TableName("public", "events"),
                "PostgreSQL 18.1",
                "PostgreSQL 18.1",
                true,
                new Copied(List.of(), List.of(), List.of(), List.of()),
                1,
                1,
                outcome,
                List.of(),
                List.of("after load"),
                notKilledAt,
                List.of("between indexes"),
                0,
                0,
                writes,
                refused,
                1,
                wrongReads,
                0,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                compared);
    }

    @Test
    void it_is_good_only_where_the_run_was_killed_at_every_step_that_it_came_to() {
        Receipt whole = receipt("done", List.of(), Map.of(), SAME);
        Receipt part = receipt("done", List.of("after swap"), Map.of(), SAME);

        assertThat(whole.verdict()).isEqualTo(Verdict.GOOD);
        assertThat(ReceiptLines.text(whole)).contains(" no other step that came\n", " between indexes\n", "GOOD: ");
        assertThat(part.verdict()).isEqualTo(Verdict.INCOMPLETE);
        assertThat(ReceiptLines.text(part))
                .contains(" after swap (there was NO TIME)\n", "INCOMPLETE: ")
                .doesNotContain("GOOD");
    }

    @Test
    void it_is_not_good_where_writers_tried_in_vain() {
        Map<String, Long> refused = Map.of("refused by a constraint", 7L);
        Receipt inVain = receipt("done", List.of(), Map.of(), refused, Map.of(), SAME);

        assertThat(inVain.verdict()).isEqualTo(Verdict.INCOMPLETE);
        assertThat(ReceiptLines.text(inVain))
                .contains("no write of the writers was done")
                .doesNotContain("no time");
        assertThat(receipt("done", List.of(), Map.of("insert", 1L), refused, Map.of(), SAME)
                        .verdict())
                .isEqualTo(Verdict.GOOD);
    }

    @Test
    void what_is_wrong_comes_before_what_is_missing() {
        List<String> noTime = List.of("after swap");

        assertThat(receipt("done", noTime, Map.of("empty partition", 1L), SAME).verdict())
                .isEqualTo(Verdict.MISMATCH);
        for (Compared different : List.of(
                new Compared(9, 1, 0, 0, Map.of()),
                new Compared(9, 0, 1, 0, Map.of()),
                new Compared(9, 0, 0, 1, Map.of("amount", 1L)))) {
            assertThat(receipt("done", noTime, Map.of(), different).verdict()).isEqualTo(Verdict.MISMATCH);
        }
        assertThat(receipt("mismatch", noTime, Map.of(), null).verdict()).isEqualTo(Verdict.MISMATCH);
        assertThat(receipt("failed", noTime, Map.of(), null).verdict()).isEqualTo(Verdict.FAILED);
        assertThat(receipt("stopped", List.of(), Map.of(), SAME).verdict()).isEqualTo(Verdict.FAILED);
        assertThat(receipt("done", List.of(), Map.of(), null).verdict()).isEqualTo(Verdict.FAILED);
    }
}
