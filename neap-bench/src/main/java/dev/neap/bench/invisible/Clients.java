package dev.neap.bench.invisible;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An application with a pool of connections: whichever is free takes the next request, waits for the moment at which it is
 * meant to be sent, and sends it. So the rate does not depend on how fast they are answered, but for a stall of all of them,
 * and after that each is sent late, and counts as that late.
 */
final class Clients implements AutoCloseable {
    private static final long LAST_SECONDS = 30;

    private final Timetable timetable;
    private final Clock clock;
    private final Requests requests;
    private final AtomicInteger next = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private volatile boolean running = true;

    /** What one connection sends again and again. */
    interface Request {
        void send() throws SQLException;
    }

    /** Makes a connection's requests. */
    interface Requester {
        Request on(Connection connection, int client) throws SQLException;
    }

    /** Opens one. */
    interface Opener {
        Connection open() throws SQLException;
    }

    Clients(Timetable timetable, Clock clock) {
        this.timetable = timetable;
        this.clock = clock;
        this.requests = new Requests(timetable);
    }

    /** Connects so many, and starts them. */
    void start(int clients, Opener opener, Requester requester) throws SQLException {
        List<Request> each = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            Connection connection = opener.open();
            connections.add(connection);
            each.add(requester.on(connection, client));
        }
        for (Request request : each) {
            Thread thread = new Thread(() -> serve(request), "client-" + threads.size());
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    /** Sends requests until {@link #stop}. */
    void serve(Request request) {
        while (running) {
            int number = next.getAndIncrement();
            clock.sleepUntil(timetable.intended(number));
            try {
                request.send();
            } catch (SQLException e) {
                requests.failed(String.valueOf(e.getMessage()));
            }
            requests.ended(number, clock.now());
        }
    }

    Requests requests() {
        return requests;
    }

    void stop() {
        running = false;
    }

    @Override
    public void close() throws SQLException {
        stop();
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(LAST_SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (Connection connection : connections) {
            connection.close();
        }
    }
}
