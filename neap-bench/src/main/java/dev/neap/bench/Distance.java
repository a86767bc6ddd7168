package dev.neap.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A network of some length in front of a server of this machine: what is sent arrives a while later. Unlike a proxy that
 * stands still for each package it delays them all alike, and does not limit how many are on their way: latency is measured,
 * and not a slow line.
 */
final class Distance implements AutoCloseable {
    private static final int PACKAGE = 65_536;

    /** So many packages are on their way in one direction, at most. */
    private static final int ON_THE_WAY = 256;

    private final ServerSocket listener;
    private final int target;
    private final Duration oneWay;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** What was read, and when it arrives, as {@code System.nanoTime}; the last one is empty. */
    private record Sent(ByteBuffer bytes, long arrives) {}

    /** @param oneWay how long a package is on its way, in each direction */
    Distance(int target, Duration oneWay) throws IOException {
        this.target = target;
        this.oneWay = oneWay;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread("distance-accept", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void thread(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // One of the two ends is closed, and so the other one was.
                        return;
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            sockets.add(client);
            sockets.add(server);
            between(client, server);
            between(server, client);
        }
    }

    private void between(Socket from, Socket to) {
        BlockingQueue<Sent> way = new ArrayBlockingQueue<>(ON_THE_WAY);
        thread("distance-in", () -> send(from, way));
        thread("distance-out", () -> arrive(way, from, to));
    }

    private void send(Socket from, BlockingQueue<Sent> way) throws IOException, InterruptedException {
        byte[] buffer = new byte[PACKAGE];
        try (InputStream in = from.getInputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                way.put(new Sent(ByteBuffer.wrap(Arrays.copyOf(buffer, count)), System.nanoTime() + oneWay.toNanos()));
            }
        } finally {
            way.put(new Sent(ByteBuffer.allocate(0), System.nanoTime()));
        }
    }

    private static void arrive(BlockingQueue<Sent> way, Socket from, Socket to)
            throws IOException, InterruptedException {
        try (from;
                OutputStream out = to.getOutputStream()) {
            for (Sent sent = way.take(); sent.bytes().hasRemaining(); sent = way.take()) {
                for (long left = sent.arrives() - System.nanoTime();
                        left > 0;
                        left = sent.arrives() - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                out.write(sent.bytes().array());
            }
        } finally {
            // Whoever waits for room on the way finds some, and then that nothing can be read any more.
            way.clear();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
