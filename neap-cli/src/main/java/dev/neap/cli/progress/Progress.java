package dev.neap.cli.progress;

import dev.neap.run.RunListener;

/** Shows a run while it goes on. Closing it leaves the place clean for what comes after. */
public interface Progress extends RunListener, AutoCloseable {
    @Override
    void close();
}
