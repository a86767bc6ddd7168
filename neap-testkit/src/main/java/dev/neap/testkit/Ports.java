package dev.neap.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers, which listen some time after they were given one, and end and come back. None is one that the system
 * gives to somebody who asks for any, and none is that of another process of tests: a second socket, which nobody talks
 * to, keeps it for as long as this process lives.
 */
final class Ports {
    /** Below those that systems give out by themselves. */
    private static final int FIRST = 20_000;

    private static final int PAIRS = 6_000;

    /** Most of them are free. */
    private static final int MOST_TRIES = 1_000;

    private static final List<ServerSocket> KEPT = new CopyOnWriteArrayList<>();

    private Ports() {}

    /** One that nobody listens on, and nobody else of these tests will. */
    static int next() {
        for (int i = 0; i < MOST_TRIES; i++) {
            int port = FIRST + 2 * ThreadLocalRandom.current().nextInt(PAIRS);
            if (keep(port + 1) && isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port is free from " + FIRST + " on");
    }

    private static boolean keep(int port) {
        try {
            ServerSocket keeper = new ServerSocket();
            keeper.setReuseAddress(false);
            keeper.bind(new InetSocketAddress(port));
            KEPT.add(keeper);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket tried = new ServerSocket(port)) {
            return tried.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
