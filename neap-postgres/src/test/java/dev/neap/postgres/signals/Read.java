package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/** Files that declare signals, and readings that come. */
final class Read {
    private Read() {}

    /** A fill with these other parts of a file. */
    static Backfill file(Path folder, String rest) throws IOException {
        Path file = folder.resolve("fill.yaml");
        Files.writeString(file, "backfill: fill\nfill: { into: t, set: { a: b } }\n" + rest);
        return BackfillFile.read(file, Environment.system()).backfill();
    }

    /** Reads, some times a second, until a reading is as it should be. */
    static Reading until(Signal signal, Predicate<Reading> wanted) throws InterruptedException {
        Reading last = signal.read();
        for (int i = 0; i < 200 && !wanted.test(last); i++) {
            Thread.sleep(50);
            last = signal.read();
        }
        assertThat(wanted.test(last)).as(last.toString()).isTrue();
        return last;
    }
}
