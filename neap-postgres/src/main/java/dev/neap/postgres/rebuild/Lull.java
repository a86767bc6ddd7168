package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * When to ask for an exclusive lock, and for how long. Every reader waits behind such a request, so it is made when no
 * transaction is open that will keep it waiting, and the first requests are given up soon. Only an application that
 * never leaves a lull comes to feel the whole deadline.
 */
final class Lull {
    /** A transaction younger than this will soon be over, as far as one can know. */
    private static final long YOUNG_MS = 20;

    private static final long FIRST_MS = 25;
    private static final long MOST_MS = 400;
    private static final long POLL_MS = 10;

    private final Duration most;
    private int requests;

    /** @param most no request is longer */
    Lull(Duration most) {
        this.most = most;
    }

    /** Returns when nothing older is open on these tables, or has not come to an end for a while. It stalls nobody. */
    void await(Connection connection, List<Long> tables, long besides) throws SQLException {
        Bystanders bystanders = new Bystanders(connection);
        long until = System.nanoTime() + Duration.ofMillis(MOST_MS).toNanos();
        while (System.nanoTime() < until
                && !bystanders.holders(tables, YOUNG_MS, besides).isEmpty()) {
            pause();
        }
    }

    /** How long the next request may be waited for; each is given twice the time of the one before. */
    Duration nextRequest() {
        long ms = FIRST_MS << Math.min(requests, 20);
        requests++;
        return ms < most.toMillis() ? Duration.ofMillis(ms) : most;
    }

    /** Whether the next request is the second, the fourth and so on. */
    boolean everyOther() {
        return requests % 2 == 1;
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.RETRY, "interrupted", e);
        }
    }
}
