package dev.neap.bench.invisible;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Work that comes to its end at each moment at which it may. */
class PairsTest {
    private static final int ROWS = 5_000;
    private static final Duration WINDOW = Duration.ofMillis(300);

    @Test
    void work_is_measured_that_has_ended_whenever_it_is_looked_at() throws Exception {
        try (PostgresServer server = InvisibleBench.start(18);
                Monitoring monitoring = Monitoring.start()) {
            Accounts accounts = new Accounts(ROWS);
            accounts.make(server);
            Pairs pairs = new Pairs(server, accounts, WINDOW, monitoring);
            for (Ends ends : Ends.values()) {
                Way way = new Way(ends.name(), WINDOW.dividedBy(5), WINDOW, database -> new Ending(ends));

                Pair pair = pairs.measure(way, 200);

                assertTrue(pair.ended(), ends.name());
                assertEquals("", pair.failures());
                assertTrue(pair.beside().requests() > 0 && pair.rowsPerSecond() > 0, pair.toString());
            }
        }
    }

    private enum Ends {
        AT_ONCE,
        WHEN_IT_IS_TO_PAUSE,
        WHEN_IT_IS_TO_GO_ON,
        IN_ITS_SECOND_PAUSE
    }

    private static final class Ending implements Work {
        private final Ends ends;
        private int pauses;
        private boolean ended;
        private long rows = ROWS / 2;

        Ending(Ends ends) {
            this.ends = ends;
            end(Ends.AT_ONCE);
        }

        private void end(Ends now) {
            if (now == ends) {
                ended = true;
            }
        }

        @Override
        public long rows() {
            return rows++;
        }

        @Override
        public boolean ended() {
            return ended;
        }

        @Override
        public boolean inTurns() {
            return true;
        }

        @Override
        public void pause() {
            end(Ends.WHEN_IT_IS_TO_PAUSE);
            if (++pauses == 2) {
                end(Ends.IN_ITS_SECOND_PAUSE);
            }
        }

        @Override
        public void goOn() {
            end(Ends.WHEN_IT_IS_TO_GO_ON);
        }

        @Override
        public Said said() {
            return Said.NOTHING;
        }

        @Override
        public void close() {}
    }
}
