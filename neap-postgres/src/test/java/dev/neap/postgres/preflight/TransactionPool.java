package dev.neap.postgres.preflight;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A connection pool in transaction mode, as PgBouncer is: for each transaction a client gets the server process that was
 * used last, and clients are greeted by the pool itself. As much of the protocol as it takes for one user of one
 * database, without password or TLS.
 */
final class TransactionPool implements AutoCloseable {
    private final ServerSocket door;
    private final int server;
    private final boolean takingTurns;
    private final Deque<Side> idle = new ArrayDeque<>();
    private byte[] greeting = {};

    /**
     * @param takingTurns whether the process that was idle for the longest time is taken instead of the last
     */
    TransactionPool(int server, boolean takingTurns) throws IOException {
        this.server = server;
        this.takingTurns = takingTurns;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "transaction pool");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                daemon(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private record Side(DataInputStream in, DataOutputStream out) {
        static Side of(Socket socket) throws IOException {
            socket.setTcpNoDelay(true);
            return new Side(
                    new DataInputStream(new BufferedInputStream(socket.getInputStream())),
                    new DataOutputStream(new BufferedOutputStream(socket.getOutputStream())));
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            Side client = Side.of(socket);
            byte[] hello = hello(client);
            greet(client, hello);
            while (true) {
                // Only now: between two transactions a client has no server process.
                int type = client.in().readUnsignedByte();
                if (type == 'X') {
                    return;
                }
                Side taken = take(hello);
                while (!transact(client, taken, type)) {
                    type = client.in().readUnsignedByte();
                }
                put(taken);
            }
        } catch (IOException e) {
            // The client is gone.
            return;
        }
    }

    private synchronized void greet(Side client, byte[] hello) throws IOException {
        if (greeting.length == 0) {
            put(open(hello));
            if (takingTurns) {
                put(open(hello));
            }
        }
        client.out().write(greeting);
        client.out().flush();
    }

    private synchronized Side take(byte[] hello) throws IOException {
        Side free = idle.pollFirst();
        return free == null ? open(hello) : free;
    }

    private synchronized void put(Side side) {
        if (takingTurns) {
            idle.addLast(side);
        } else {
            idle.addFirst(side);
        }
    }

    private Side open(byte[] hello) throws IOException {
        Side side = Side.of(new Socket(InetAddress.getLoopbackAddress(), server));
        side.out().writeInt(hello.length + 4);
        side.out().write(hello);
        side.out().flush();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        answer(side, new DataOutputStream(said));
        greeting = said.toByteArray();
        return side;
    }

    /** TLS and the like are declined, one after the other. */
    private static byte[] hello(Side client) throws IOException {
        while (true) {
            byte[] body = new byte[client.in().readInt() - 4];
            client.in().readFully(body);
            boolean startup = body[0] == 0 && body[1] == 3;
            if (startup) {
                return body;
            }
            client.out().write('N');
            client.out().flush();
        }
    }

    /** Sends on what a client says, up to a Query or a Sync, and the answer. Whether no transaction is open then. */
    private static boolean transact(Side client, Side server, int first) throws IOException {
        int type = first;
        send(client.in(), type, server.out());
        while (type != 'Q' && type != 'S') {
            type = client.in().readUnsignedByte();
            send(client.in(), type, server.out());
        }
        server.out().flush();
        return answer(server, client.out());
    }

    private static boolean answer(Side server, DataOutputStream client) throws IOException {
        while (true) {
            int type = server.in().readUnsignedByte();
            byte[] body = body(server.in());
            if (type == 'K') {
                // The pool's own number in place of the process's.
                body[0] = 0;
                body[1] = 127;
            }
            client.write(type);
            client.writeInt(body.length + 4);
            client.write(body);
            if (type == 'Z') {
                client.flush();
                return body[0] == 'I';
            }
        }
    }

    private static void send(DataInputStream from, int type, DataOutputStream to) throws IOException {
        byte[] body = body(from);
        to.write(type);
        to.writeInt(body.length + 4);
        to.write(body);
    }

    private static byte[] body(DataInputStream from) throws IOException {
        byte[] body = new byte[from.readInt() - 4];
        from.readFully(body);
        return body;
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
