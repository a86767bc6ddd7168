package dev.neap.bench.invisible;

import dev.neap.bench.BenchServer;
import dev.neap.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;

/** Measures pairs: the same application at the same rate, each time on a fresh copy of the table. */
final class Pairs {
    private static final int CLIENTS = 8;
    private static final String DATABASE = "work";
    /** All clients back to back: as many requests as the server can answer. */
    private static final double AS_MANY_AS_CAN_BE = 1e9;

    private static final long LOOK_MS = 20;
    /** Until the last request has ended that was meant to be sent in the time measured. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final PostgresServer server;
    private final Accounts accounts;
    private final Duration window;
    private final Monitoring monitoring;

    Pairs(PostgresServer server, Accounts accounts, Duration window, Monitoring monitoring) {
        this.server = server;
        this.accounts = accounts;
        this.window = window;
        this.monitoring = monitoring;
    }

    /** How many requests a second are answered when the clients send one after the other. */
    double most() throws SQLException, InterruptedException {
        BenchServer.copyBase(server, DATABASE);
        accounts.touch(server, DATABASE);
        try (Clients clients = clients(AS_MANY_AS_CAN_BE)) {
            Thread.sleep(warm().toMillis());
            long from = System.nanoTime();
            int before = clients.requests().ended();
            Thread.sleep(window.toMillis());
            return (clients.requests().ended() - before) * 1e9 / (System.nanoTime() - from);
        } finally {
            BenchServer.drop(server, DATABASE);
        }
    }

    private Duration warm() {
        return window.dividedBy(3);
    }

    private Clients clients(double perSecond) throws SQLException {
        Clients clients = new Clients(Timetable.perSecond(perSecond, System.nanoTime()), Clock.SYSTEM);
        try {
            clients.start(CLIENTS, () -> server.connect(DATABASE, Accounts.APP), accounts::requests);
            return clients;
        } catch (SQLException e) {
            clients.close();
            throw e;
        }
    }

    /**
     * Measures one.
     *
     * @param perSecond requests a second
     */
    Pair measure(Way way, double perSecond) throws SQLException, InterruptedException {
        BenchServer.copyBase(server, DATABASE);
        accounts.touch(server, DATABASE);
        try (Clients clients = clients(perSecond)) {
            Thread.sleep(warm().toMillis());
            long began = System.nanoTime();
            Thread.sleep(window.toMillis());
            Latency without = clients.requests().between(began, System.nanoTime(), PATIENCE);
            monitoring.watch(clients.requests(), without, Clock.SYSTEM);
            long from;
            long to;
            long rows;
            boolean ended;
            Work.Said said;
            long begun = System.nanoTime();
            try (Work work = way.beginner().on(DATABASE)) {
                await(work, way.settle());
                // What has come to its end so soon counts from its beginning.
                boolean soon = work.ended();
                from = soon ? begun : System.nanoTime();
                long before = soon ? 0 : work.rows();
                await(work, way.window());
                to = System.nanoTime();
                rows = work.rows() - before;
                ended = work.ended();
                said = work.said();
            }
            Latency beside = clients.requests().between(from, to, PATIENCE);
            Accounts.check(server, DATABASE);
            double seconds = (to - from) / 1e9;
            return new Pair(
                    way.name(),
                    without,
                    beside,
                    seconds,
                    Math.round(rows / seconds),
                    ended,
                    clients.requests().failures(),
                    said);
        } finally {
            BenchServer.drop(server, DATABASE);
        }
    }

    /** Waits that long, or until the work has come to its end. */
    private static void await(Work work, Duration most) throws InterruptedException {
        long until = System.nanoTime() + most.toNanos();
        while (!work.ended() && System.nanoTime() < until) {
            Thread.sleep(LOOK_MS);
        }
    }
}
