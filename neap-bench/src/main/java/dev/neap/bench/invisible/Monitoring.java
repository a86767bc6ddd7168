package dev.neap.bench.invisible;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.neap.backfill.WebAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * Stands for the user's Prometheus: says by how many percent the p99 of the application's last ten seconds is over what it
 * was before the work, whatever the query.
 */
final class Monitoring implements AutoCloseable {
    private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final HttpServer server;
    private volatile DoubleSupplier percentOver = () -> 0;

    private Monitoring(HttpServer server) {
        this.server = server;
    }

    static Monitoring start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Monitoring monitoring = new Monitoring(server);
        server.createContext("/api/v1/query", monitoring::answer);
        server.start();
        return monitoring;
    }

    WebAddress address() {
        return WebAddress.parse("http://127.0.0.1:" + server.getAddress().getPort())
                .orElseThrow();
    }

    /** From now on it is about these. */
    void watch(Requests requests, Latency before, Clock clock) {
        percentOver = () -> {
            long now = clock.now();
            double ratio = requests.untilNow(now - LAST_NANOS, now).p99Ms() / before.p99Ms();
            return Math.max(0, 100 * (ratio - 1));
        };
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = String.format(
                            Locale.ROOT,
                            "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[0,\"%.3f\"]}}",
                            percentOver.getAsDouble())
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
