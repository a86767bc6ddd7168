package dev.neap.postgres.fill;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** An application at work beside a fill, one piece of work after another until it is closed. */
final class Beside implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    private final CompletableFuture<Integer> work;

    /** What it does again and again; on a connection in autocommit. */
    interface Work {
        void once(Connection connection, SplittableRandom random) throws SQLException;
    }

    Beside(FillDatabase db, Work what) {
        this.work = CompletableFuture.supplyAsync(() -> {
            SplittableRandom random = new SplittableRandom(1);
            int times = 0;
            try (Connection connection = db.connect()) {
                while (!over.get()) {
                    what.once(connection, random);
                    times++;
                    Thread.sleep(2);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return times;
        });
    }

    static void execute(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                s.setObject(i + 1, values[i]);
            }
            s.execute();
        }
    }

    /** What the application does otherwise for a while. */
    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Both or none. */
    static void together(Connection connection, Part... parts) throws SQLException {
        connection.setAutoCommit(false);
        for (Part part : parts) {
            part.run();
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** A part of a transaction. */
    interface Part {
        void run() throws SQLException;
    }

    /** Ends it; returns how often it did its work. What failed of it fails here. */
    int end() {
        over.set(true);
        return work.join();
    }

    @Override
    public void close() {
        over.set(true);
    }
}
