package dev.neap.run;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import org.junit.jupiter.api.Test;

class LockTimeoutsTest {
    @Test
    void so_many_in_a_row_are_too_many_and_a_success_begins_anew() {
        LockTimeouts timeouts = new LockTimeouts(3);
        timeouts.missed("session 7");
        timeouts.missed("session 7");
        timeouts.got();
        timeouts.missed("session 7");
        timeouts.missed("session 7");

        assertThatThrownBy(() -> timeouts.missed("session 8"))
                .hasMessageStartingWith("3 lock timeouts in a row (breaker.lock_timeouts): session 8; end or outwait")
                .extracting(e -> ((NeapException) e).kind())
                .isEqualTo(NeapException.Kind.BREAKER);
    }
}
