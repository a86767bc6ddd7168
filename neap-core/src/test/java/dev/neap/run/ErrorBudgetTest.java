package dev.neap.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.control.ErrorCounts;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import org.junit.jupiter.api.Test;

class ErrorBudgetTest {
    private static final long MANY = 100_000;

    private final ErrorBudget budget = new ErrorBudget(7, 0.0001);

    @Test
    void every_class_of_error_takes_of_the_same_budget() {
        budget.require(new ErrorCounts(4, 0, 0, 0, MANY));
        budget.require(new ErrorCounts(4, 6, 0, 0, MANY));

        assertThatThrownBy(() -> budget.require(new ErrorCounts(4, 6, 1, 1, MANY)))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BREAKER))
                .hasMessageStartingWith(
                        "4 rows set aside, 6 deadlocks, 1 wrong row of 1 partition: more than 0.01 % of the rows so far")
                .hasMessageContaining(
                        "causes (SELECT q.key, q.cause FROM neap.quarantine q WHERE q.run_id = 7): mend them")
                .hasMessageContaining("the server's log")
                .hasMessageContaining("`neap status`");
    }

    @Test
    void one_partition_that_is_wrong_is_one_event_whatever_its_rows_and_the_second_is_too_many() {
        budget.require(new ErrorCounts(0, 0, 1, 5_000, MANY));

        assertThatThrownBy(() -> budget.require(new ErrorCounts(0, 0, 2, 5_001, MANY)))
                .hasMessageStartingWith("5001 wrong rows of 2 partitions: ")
                .hasMessageEndingWith("What is done is kept, and the same command goes on");
    }

    @Test
    void only_what_went_wrong_is_told_how_to_mend() {
        assertThatThrownBy(() -> budget.require(new ErrorCounts(0, 11, 0, 0, MANY)))
                .hasMessageStartingWith("11 deadlocks: ")
                .message()
                .doesNotContain("quarantine", "partition");
    }
}
