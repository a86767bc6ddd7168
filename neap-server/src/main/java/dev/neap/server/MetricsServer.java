package dev.neap.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Answers GET /metrics, in threads of its own. Whoever asks slowly holds up no run, nobody else for long, and is let go after
 * some seconds.
 */
public final class MetricsServer implements AutoCloseable {
    private static final String PATH = "/metrics";
    private static final int THREADS = 4;
    private static final String MOST_SECONDS = "5";
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    static {
        // Read once, when the first server is made; without them a client that stalls keeps its thread for ever.
        for (String limit : new String[] {"sun.net.httpserver.maxReqTime", "sun.net.httpserver.maxRspTime"}) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, MOST_SECONDS);
            }
        }
    }

    private final HttpServer server;
    private final ExecutorService threads;

    private MetricsServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Listens from now on.
     *
     * @param place where; port 0 takes a free one
     * @param metrics what is shown, asked anew for each request
     * @throws IOException when nothing can listen there
     */
    public static MetricsServer start(ListenAddress place, Supplier<String> metrics) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getAllByName(place.host())[0], place.port()), 16);
        server.createContext("/", exchange -> answer(exchange, metrics));
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, MetricsServer::thread);
        server.setExecutor(threads);
        server.start();
        return new MetricsServer(server, threads);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "neap-metrics");
        thread.setDaemon(true);
        return thread;
    }

    private static void answer(HttpExchange exchange, Supplier<String> metrics) throws IOException {
        try (exchange) {
            boolean there = exchange.getRequestURI().getPath().equals(PATH);
            boolean get = exchange.getRequestMethod().equals("GET");
            String body = there && get ? metrics.get() : "there is GET " + PATH + "\n";
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", TYPE);
            exchange.sendResponseHeaders(there ? get ? 200 : 405 : 404, bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        }
    }

    /** Where it listens, as a URL. */
    public String url() {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort() + PATH;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
