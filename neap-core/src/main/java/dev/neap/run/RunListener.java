package dev.neap.run;

/** Hears what a run does. Called on the run's threads: return quickly, throw nothing. */
@FunctionalInterface
public interface RunListener {
    /** Hears nothing. */
    RunListener SILENT = event -> {};

    void on(RunEvent event);
}
