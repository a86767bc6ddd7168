package dev.neap.throttle;

/**
 * Something that says how the database, its replicas or the application fare. It is read by one thread, again and again.
 */
public interface Signal extends AutoCloseable {
    /** What its values mean; always the same. */
    Limits limits();

    /**
     * Its value of now. It takes a bounded time, a few seconds at most; what goes wrong is a reading without a value.
     */
    Reading read();

    @Override
    void close();
}
