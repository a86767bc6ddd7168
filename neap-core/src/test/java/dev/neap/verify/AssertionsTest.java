package dev.neap.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How often an assertion is asked before it does not hold. */
class AssertionsTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final List<Duration> slept = new ArrayList<>();

    private Assertions assertions(Boolean... says) {
        Iterator<Boolean> next = List.of(says).iterator();
        return new Assertions(query -> next.next(), Map.of("one", "SELECT true"), GRACE, slept::add);
    }

    @Test
    void one_that_holds_is_asked_once() {
        assertThat(assertions(true).judge()).containsExactly(new Assertion("one", "SELECT true", true));
        assertThat(slept).isEmpty();
    }

    @Test
    void one_that_an_application_is_about_to_make_true_is_asked_again() {
        assertThat(assertions(false, false, true).judge()).allMatch(Assertion::holds);
        assertThat(slept).containsExactly(GRACE, GRACE);
    }

    @Test
    void one_that_never_holds_is_asked_three_times() {
        assertThat(assertions(false, false, false).judge()).noneMatch(Assertion::holds);
    }

    @Test
    void to_be_tried_out_it_need_not_hold() {
        assertions(false).tryOut();

        assertThat(slept).isEmpty();
    }
}
