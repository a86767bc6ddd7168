package dev.neap.testkit;

import dev.neap.backfill.TableName;
import dev.neap.plan.Step;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import java.time.Duration;
import java.util.function.Consumer;

/** Hears the events of a run in another process, as lines: `UNIT id leaf`, `STEP id step`, `DONE leaf`. */
public final class RunLines implements Consumer<String> {
    private final RunListener listener;

    public RunLines(RunListener listener) {
        this.listener = listener;
    }

    @Override
    public void accept(String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "UNIT" ->
                listener.on(new RunEvent.UnitStarted(
                        Long.parseLong(words[1]), 1, new TableName("public", words[2]), 0, 1, 0));
            case "STEP" -> listener.on(new RunEvent.StepStarted(Long.parseLong(words[1]), Step.valueOf(words[2])));
            case "DONE" ->
                listener.on(new RunEvent.UnitDone(
                        0, new TableName("public", words[1]), 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
            default -> {
                // Other lines are for people.
            }
        }
    }
}
