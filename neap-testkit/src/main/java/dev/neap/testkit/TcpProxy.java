package dev.neap.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A bad network in front of a PostgreSQL server: latency, stalls, refused and reset connections, and a reset at the worst
 * moment, between a statement and its answer. Its methods may be called at any time, from any thread.
 */
public final class TcpProxy implements AutoCloseable {
    private final ServerSocket listener;
    private volatile int target;
    private final Set<ProxyLink> links = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Predicate<String>> cutAfter = new AtomicReference<>();
    private final AtomicReference<@Nullable Predicate<String>> cutBefore = new AtomicReference<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile long latencyMillis;
    private volatile boolean stalled;
    private volatile boolean refusing;

    /** Listens on a free port of this machine and forwards to `target`. */
    public TcpProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ProxyLink.thread("proxy-accept", this::accept);
    }

    /** The port to connect to, on localhost. */
    public int port() {
        return listener.getLocalPort();
    }

    /** New connections go to this port from now on, as after a failover; those that are there stay. */
    public void target(int port) {
        target = port;
    }

    /** Each package waits this long, in each direction. */
    public void latency(Duration each) {
        latencyMillis = each.toMillis();
    }

    /** Nothing comes through while true; nothing is lost. */
    public void stall(boolean on) {
        stalled = on;
    }

    /** New connections are reset while true. */
    public void refuse(boolean on) {
        refusing = on;
    }

    /** Resets all connections. */
    public void reset() {
        links.forEach(ProxyLink::cut);
    }

    /**
     * The next statement that matches reaches the server and is carried out; its answer is lost and the connection reset.
     * The statement is given as it was sent, prepared ones too.
     */
    public void loseAnswerTo(Predicate<String> statement) {
        cutAfter.set(statement);
    }

    /** The next statement that matches never reaches the server; the connection is reset. */
    public void loseRequest(Predicate<String> statement) {
        cutBefore.set(statement);
    }

    /** How many statements or answers were lost. */
    public int cuts() {
        return cuts.get();
    }

    private void accept() {
        try {
            while (true) {
                link(listener.accept());
            }
        } catch (IOException e) {
            // Closed: nobody is let in any more.
            refusing = true;
        }
    }

    private void link(Socket client) {
        if (refusing) {
            ProxyLink.reset(client);
            return;
        }
        try {
            links.removeIf(ProxyLink::closed);
            ProxyLink link = new ProxyLink(this, client, new Socket(InetAddress.getLoopbackAddress(), target));
            // Before anything comes through it: who is answered may reset it.
            links.add(link);
            link.start();
        } catch (IOException e) {
            // The server is away, and that is what the client must see.
            ProxyLink.reset(client);
        }
    }

    /** Waits as long as the network is slow or dead. */
    void delay() throws InterruptedException {
        if (latencyMillis > 0) {
            Thread.sleep(latencyMillis);
        }
        awaitFlow();
    }

    /** Waits as long as the network is dead. */
    void awaitFlow() throws InterruptedException {
        while (stalled) {
            Thread.sleep(5);
        }
    }

    boolean losesRequest(String statement) {
        return fires(cutBefore, statement);
    }

    boolean losesAnswer(String statement) {
        return fires(cutAfter, statement);
    }

    private boolean fires(AtomicReference<@Nullable Predicate<String>> armed, String statement) {
        Predicate<String> wanted = armed.get();
        if (wanted != null && wanted.test(statement) && armed.compareAndSet(wanted, null)) {
            cuts.incrementAndGet();
            return true;
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        reset();
    }
}
