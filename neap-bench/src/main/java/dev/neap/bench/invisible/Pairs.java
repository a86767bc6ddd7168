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
    /** So many with the work, and as many without: each longer than the three seconds that a signal tells of. */
    private static final int TURNS = 5;
    /** When the work was told to pause, or to go on, it has done so, and what it wrote is in the log. */
    private static final Duration SOON = Duration.ofMillis(500);

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
            Thread.sleep(warm().toMillis());
            Turns turns = new Turns(clients.requests());
            turns.without(began, System.nanoTime());
            Latency before = turns.without();
            monitoring.watch(clients.requests(), before, Clock.SYSTEM);
            boolean ended;
            Work.Said said;
            long begun = System.nanoTime();
            try (Work work = way.beginner().on(DATABASE)) {
                if (work.inTurns()) {
                    await(work, way.settle());
                    long settled = System.nanoTime();
                    long rows = work.rows();
                    Turns each = inTurns(work, way, clients.requests());
                    if (each.hasBeside()) {
                        turns = each;
                    } else {
                        // What came to its end before its first turn counts from its beginning until it was to pause.
                        turns.beside(begun, settled, rows);
                    }
                } else {
                    await(work, way.window());
                    turns.beside(begun, System.nanoTime(), work.rows());
                }
                ended = work.ended();
                said = work.said();
            }
            Accounts.check(server, DATABASE);
            return new Pair(
                    way.name(),
                    before,
                    turns.without(),
                    turns.beside(),
                    turns.seconds(),
                    Math.round(turns.rows() / turns.seconds()),
                    ended,
                    clients.requests().failures(),
                    said);
        } finally {
            BenchServer.drop(server, DATABASE);
        }
    }

    /** Without the work, beside it, and so on: whatever else becomes of the machine meanwhile, both feel alike. */
    private static Turns inTurns(Work work, Way way, Requests requests) throws InterruptedException {
        Turns turns = new Turns(requests);
        Duration turn = way.window().dividedBy(TURNS);
        for (int i = 0; i < TURNS && !work.ended(); i++) {
            work.pause();
            Thread.sleep(SOON.toMillis());
            long from = System.nanoTime();
            Thread.sleep(turn.toMillis());
            turns.without(from, System.nanoTime());
            work.goOn();
            Thread.sleep(SOON.toMillis());
            if (!work.ended()) {
                from = System.nanoTime();
                long before = work.rows();
                await(work, turn);
                turns.beside(from, System.nanoTime(), work.rows() - before);
            }
        }
        return turns;
    }

    /** Waits that long, or until the work has come to its end, which is seen a moment later: in it requests are sent. */
    private static void await(Work work, Duration most) throws InterruptedException {
        long until = System.nanoTime() + most.toNanos();
        while (System.nanoTime() < until) {
            Thread.sleep(LOOK_MS);
            if (work.ended()) {
                return;
            }
        }
    }
}
