package dev.neap.postgres.signals;

import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;

/** A signal that is one look at the primary, on the session that they share. */
final class Gauge implements Signal {
    private final SignalSession session;
    private final Limits limits;
    private final SignalSession.Look look;

    Gauge(SignalSession session, Limits limits, SignalSession.Look look) {
        this.session = session;
        this.limits = limits;
        this.look = look;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Reading read() {
        return session.read(look);
    }

    @Override
    public void close() {
        session.close();
    }
}
