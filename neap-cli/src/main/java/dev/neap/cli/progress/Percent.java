package dev.neap.cli.progress;

/** A share in whole percent. Rounded down, so that nothing looks done before it is. */
final class Percent {
    private Percent() {}

    static int of(long part, long whole, boolean finished) {
        if (finished) {
            return 100;
        }
        if (part <= 0 || whole <= 0) {
            return 0;
        }
        return (int) Math.min(99, Math.floor(100.0 * part / whole));
    }
}
