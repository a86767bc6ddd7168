package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import java.io.IOException;
import java.nio.file.FileStore;
import java.sql.Connection;
import java.time.Duration;

/**
 * How many percent of the disk with the server's data are in use, whoever uses it. What a run has written stays, so there
 * is nothing between going and waiting.
 */
final class DiskInUse implements SignalSession.Look {
    static final String NAME = ServerSignal.DISK.label();

    private final FileStore disk;

    /** @param disk that of the server's data folder */
    DiskInUse(FileStore disk) {
        this.disk = disk;
    }

    /** @param percent from here on nothing is written */
    static Limits limits(double percent) {
        return new Limits(NAME, Limits.Unit.PERCENT, percent, percent, Duration.ofSeconds(2), Duration.ZERO);
    }

    @Override
    public Reading at(Connection connection) {
        try {
            double total = (double) disk.getTotalSpace();
            return Reading.of(100 * (total - (double) disk.getUsableSpace()) / total, "");
        } catch (IOException e) {
            return Reading.none(String.valueOf(e.getMessage()));
        }
    }
}
