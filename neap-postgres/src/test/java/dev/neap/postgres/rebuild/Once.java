package dev.neap.postgres.rebuild;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;

/** Does something the first time that a run comes to a point. */
final class Once implements Probe {
    private final Point where;
    private final Runnable what;
    private boolean did;

    Once(Point where, Runnable what) {
        this.where = where;
        this.what = what;
    }

    @Override
    public void at(Point point) {
        if (point == where && !did) {
            did = true;
            what.run();
        }
    }

    boolean did() {
        return did;
    }
}
