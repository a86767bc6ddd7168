package dev.neap.bench.invisible;

/** A clock that goes on only when somebody waits, or says so. */
final class ByHand implements Clock {
    private long now;

    ByHand(long now) {
        this.now = now;
    }

    void goOn(long nanos) {
        now += nanos;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public void sleepUntil(long nanos) {
        now = Math.max(now, nanos);
    }
}
