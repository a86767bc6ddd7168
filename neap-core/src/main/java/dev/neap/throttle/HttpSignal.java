package dev.neap.throttle;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/** An address that says by its status whether the run may write: from 200 to 299 it may. A redirect is none of these. */
public final class HttpSignal implements Signal {
    private final WebQuestion question;
    private final Limits limits;

    /** @param authorization the value of the header of this name; empty for none */
    public HttpSignal(String name, URI uri, String authorization, Duration every) {
        this.question = WebQuestion.asked(uri, authorization);
        this.limits = Limits.flag(name, every);
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Reading read() {
        try {
            int status = question.ask().status();
            return status / 100 == 2 ? Reading.of(0, "") : Reading.of(1, "it answers with status " + status);
        } catch (IOException e) {
            return Reading.none(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {}
}
