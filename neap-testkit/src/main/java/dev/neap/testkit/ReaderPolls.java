package dev.neap.testkit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Readers of every kind that look at the ledger without pause, each on its own connection, until closed. Each look must
 * show every fixed row, all of a partition in one form, and balanced sums.
 */
public final class ReaderPolls implements AutoCloseable {
    private final Map<Reader, ReaderTally> tallies = new EnumMap<>(Reader.class);
    private final List<Thread> threads = new ArrayList<>();
    private final Map<Integer, Integer> watched;
    private volatile boolean stopping;

    private ReaderPolls(Map<Integer, Integer> watched) {
        this.watched = watched;
    }

    /**
     * Starts them.
     *
     * @param standby a hot standby to read on too; null for none
     */
    public static ReaderPolls start(PostgresServer primary, @Nullable PostgresServer standby, String database)
            throws SQLException {
        return start(primary, standby, database, EnumSet.allOf(Reader.class));
    }

    /** The same with some kinds of readers: a busy machine may have too little left for all of them and for writers. */
    public static ReaderPolls start(
            PostgresServer primary, @Nullable PostgresServer standby, String database, Set<Reader> kinds)
            throws SQLException {
        primary.execute(database, Pulse.FUNCTION);
        ReaderPolls polls;
        try (Connection connection = primary.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(Pulse.SQL)) {
            Map<Integer, Integer> watched = new TreeMap<>(Pulse.of(rows).fixed());
            watched.values().removeIf(count -> count == 0);
            polls = new ReaderPolls(watched);
        }
        if (standby != null) {
            primary.awaitReplay(standby);
        }
        SplittableRandom random = new SplittableRandom(1);
        for (Reader kind : kinds) {
            PostgresServer server = kind.onStandby() ? standby : primary;
            if (server != null) {
                polls.add(kind, () -> server.connect(database), random.split());
            }
        }
        polls.threads.forEach(Thread::start);
        return polls;
    }

    private void add(Reader kind, Application.ConnectionSource source, SplittableRandom random) {
        ReaderTally tally = new ReaderTally();
        tallies.put(kind, tally);
        ReaderSession session = new ReaderSession(kind, source, watched, tally, random, () -> stopping);
        threads.add(new Thread(session, "reader-" + kind));
    }

    /** What this kind of reader saw so far. */
    public ReaderTally tally(Reader kind) {
        ReaderTally tally = tallies.get(kind);
        if (tally == null) {
            throw new IllegalArgumentException("nobody reads as " + kind);
        }
        return tally;
    }

    /** What each kind of reader saw so far. */
    public Map<Reader, ReaderTally> tallies() {
        return tallies;
    }

    /** Wrong looks of all readers. */
    public long wrong() {
        return tallies.values().stream().mapToLong(ReaderTally::wrong).sum();
    }

    /** A table for people. */
    public String table() {
        StringBuilder text = new StringBuilder();
        tallies.forEach((kind, tally) -> text.append("%-17s %s%n".formatted(kind, tally)));
        return text.toString();
    }

    @Override
    public void close() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(60));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (thread.isAlive()) {
                throw new IllegalStateException(thread.getName() + " did not stop");
            }
        }
    }
}
