package dev.neap.testkit;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One connection through the proxy. It reads PostgreSQL's messages from the client to know what is being asked. */
final class ProxyLink {
    private static final int ENCRYPTION_SSL = 80_877_103;
    private static final int ENCRYPTION_GSS = 80_877_104;

    private final TcpProxy proxy;
    private final Socket client;
    private final Socket server;
    private final Map<String, String> prepared = new ConcurrentHashMap<>();
    private volatile boolean losingAnswer;

    ProxyLink(TcpProxy proxy, Socket client, Socket server) throws IOException {
        this.proxy = proxy;
        this.client = client;
        this.server = server;
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
    }

    void start() {
        thread("proxy-up", this::up);
        thread("proxy-down", this::down);
    }

    static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    boolean closed() {
        return client.isClosed();
    }

    /** Both sides see a reset. */
    void cut() {
        reset(client);
        reset(server);
    }

    static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It was gone already.
            return;
        }
    }

    private void up() {
        try {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(server.getOutputStream());
            start(in, out);
            while (message(in, out)) {
                out.flush();
            }
            cut();
        } catch (IOException e) {
            cut();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The first messages have no type; a client may ask for encryption before it says who it is. */
    private void start(DataInputStream in, DataOutputStream out) throws IOException, InterruptedException {
        int code;
        do {
            int length = in.readInt();
            byte[] body = in.readNBytes(length - 4);
            code = ByteBuffer.wrap(body).getInt();
            proxy.delay();
            out.writeInt(length);
            out.write(body);
            out.flush();
        } while (code == ENCRYPTION_SSL || code == ENCRYPTION_GSS);
    }

    /** Forwards one message; false when the connection is to be cut. */
    private boolean message(DataInputStream in, DataOutputStream out) throws IOException, InterruptedException {
        // What came with the message before it travels with it: a network delays packets, not messages.
        boolean sameBurst = in.available() > 0;
        int type = in.read();
        if (type < 0) {
            throw new EOFException();
        }
        int length = in.readInt();
        byte[] body = in.readNBytes(length - 4);
        String statement = statement((char) type, body);
        if (!statement.isEmpty() && proxy.losesRequest(statement)) {
            return false;
        }
        if (!statement.isEmpty() && proxy.losesAnswer(statement)) {
            losingAnswer = true;
        }
        if (sameBurst) {
            proxy.awaitFlow();
        } else {
            proxy.delay();
        }
        out.write(type);
        out.writeInt(length);
        out.write(body);
        return true;
    }

    /** The statement that this message has carried out; empty when it has none carried out. */
    private String statement(char type, byte[] body) {
        switch (type) {
            case 'Q' -> {
                return text(body, 0);
            }
            case 'P' -> {
                String name = text(body, 0);
                prepared.put(name, text(body, name.length() + 1));
                return "";
            }
            case 'B' -> {
                String portal = text(body, 0);
                return prepared.getOrDefault(text(body, portal.length() + 1), "");
            }
            default -> {
                return "";
            }
        }
    }

    private static String text(byte[] body, int from) {
        int end = from;
        while (end < body.length && body[end] != 0) {
            end++;
        }
        return new String(body, from, end - from, StandardCharsets.UTF_8);
    }

    private void down() {
        try {
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            byte[] buffer = new byte[65_536];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (losingAnswer) {
                    break;
                }
                proxy.delay();
                out.write(buffer, 0, count);
                out.flush();
            }
            cut();
        } catch (IOException e) {
            cut();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
