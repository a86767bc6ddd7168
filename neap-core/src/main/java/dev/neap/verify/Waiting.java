package dev.neap.verify;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.time.Duration;

/** Waits of a verification. */
final class Waiting {
    private Waiting() {}

    /** @throws NeapException STOP when it is interrupted */
    static void sleep(Duration howLong) {
        try {
            Thread.sleep(howLong.toMillis() + 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.STOP, "the verification was interrupted", e);
        }
    }
}
