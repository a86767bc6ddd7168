package dev.neap.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Replaced;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is asked of each partition, and how the answers come together. */
class PartitionAssertionsTest {
    private static final TableName KEPT = new TableName("neap_kept_1", "events_1");
    private static final Replaced THERE =
            new Replaced(KEPT, List.of("id"), List.of("id", "a"), List.of(), List.of(), "");

    private final List<String> asked = new ArrayList<>();

    private PartitionAssertions assertions(boolean says) {
        return new PartitionAssertions(
                query -> {
                    asked.add(query);
                    return says;
                },
                Map.of("one", "SELECT true FROM :shadow, :live"));
    }

    private static TableName partition(int number) {
        return new TableName("public", "Events_" + number);
    }

    @Test
    void the_corrected_partition_is_live_by_now_and_the_one_as_it_was_is_kept() {
        PartitionAssertions assertions = assertions(true);

        assertThat(assertions.ask(partition(1), THERE)).isEmpty();

        assertThat(asked).containsExactly("SELECT true FROM public.\"Events_1\", neap_kept_1.events_1");
        assertThat(assertions.judged()).allMatch(Assertion::holds);
    }

    @Test
    void what_reads_old_rows_that_are_gone_is_not_asked_and_counts_neither_way() {
        PartitionAssertions assertions = assertions(false);

        assertThat(assertions.ask(partition(1), Replaced.not(KEPT, "gone"))).hasSize(1);

        assertThat(asked).isEmpty();
        assertThat(assertions.judged()).isEmpty();
    }

    @Test
    void five_partitions_for_which_it_does_not_hold_are_named_and_the_others_counted() {
        PartitionAssertions assertions = assertions(false);
        for (int i = 1; i <= 7; i++) {
            assertions.ask(partition(i), THERE);
        }

        assertThat(assertions.judged()).singleElement().satisfies(one -> {
            assertThat(one.holds()).isFalse();
            assertThat(one.name())
                    .isEqualTo("one (public.Events_1, public.Events_2, public.Events_3, public.Events_4,"
                            + " public.Events_5 and 2 more)");
        });
    }

    @Test
    void one_that_cannot_be_run_is_named_with_its_partition() {
        PartitionAssertions broken = new PartitionAssertions(
                query -> {
                    throw new NeapException(NeapException.Kind.USAGE, "no column");
                },
                Map.of("one", "SELECT x"));

        assertThatThrownBy(() -> broken.ask(partition(1), THERE))
                .isInstanceOf(NeapException.class)
                .hasMessage("assert.one: the assertion cannot be run for public.Events_1: no column");
    }
}
