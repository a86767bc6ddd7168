package dev.neap.cli.progress;

import dev.neap.cli.text.Text;
import dev.neap.run.RunEvent;
import java.util.Optional;

/** The events that deserve a line of their own. */
final class EventText {
    private EventText() {}

    static Optional<String> of(RunEvent event) {
        return words(event).map(Text::visible);
    }

    private static Optional<String> words(RunEvent event) {
        if (event instanceof RunEvent.Started started && started.resumed()) {
            return Optional.of("goes on with run " + started.runId() + ": " + Text.count(started.unitsDone()) + " of "
                    + Text.count(started.units(), "unit") + " done");
        }
        if (event instanceof RunEvent.UnitDone done) {
            return Optional.of(done.partition() + " done: " + Text.count(done.rows(), "row") + " in "
                    + Text.duration(done.took()) + ", verified in " + Text.duration(done.verifyTook()) + ", "
                    + Text.count(done.changesReplayed(), "change") + " replayed, readers kept out for "
                    + Text.duration(done.lockHeld()));
        }
        if (event instanceof RunEvent.SegmentDone done) {
            return Optional.of(done.partition() + " done: " + Text.count(done.rows(), "row") + " looked at, "
                    + Text.count(done.written()) + " written in " + Text.duration(done.took()));
        }
        if (event instanceof RunEvent.UnitHeld held) {
            return Optional.of(held.partition() + " held: " + Text.count(held.rows(), "row") + ", ready to swap");
        }
        if (event instanceof RunEvent.UnitFailed failed) {
            return Optional.of(failed.partition() + " set aside: " + failed.cause());
        }
        if (event instanceof RunEvent.SpeedChanged changed) {
            return Optional.of(changed.decision().words());
        }
        return event instanceof RunEvent.Note note ? Optional.of(note.text()) : Optional.empty();
    }
}
