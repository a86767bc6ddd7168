package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals that are asked over HTTP. */
class WebSignalsTest {
    private static final Limits CPU =
            new Limits("cpu", Limits.Unit.COUNT, 50, 70, Duration.ofSeconds(1), Duration.ZERO);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private volatile int status = 200;
    private volatile String body = "";
    private volatile String asked = "";
    private volatile String authorization = "";
    private volatile String told = "";
    private final AtomicInteger times = new AtomicInteger();

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            asked = exchange.getRequestURI().toString();
            told = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            times.incrementAndGet();
            authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.createContext("/slow", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
            // The rest never comes.
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + server.getAddress().getPort() + path);
    }

    private Reading status(String path) {
        try (Signal signal = new HttpSignal("deploys", uri(path), "", Duration.ofSeconds(1))) {
            return signal.read();
        }
    }

    private Reading prometheus() {
        try (Signal signal = new PrometheusSignal(uri("/prom/"), "Basic bmVhcDpz", "avg(rate(cpu[1m])) * 100", CPU)) {
            return signal.read();
        }
    }

    private static String vector(String value) {
        return "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1.5,\""
                + value + "\"]}]}}";
    }

    @ParameterizedTest
    @CsvSource({"200, 0", "204, 0", "302, 1", "404, 1", "503, 1"})
    void a_status_from_200_to_299_lets_the_run_write_and_a_redirect_is_not_followed(int answered, double value) {
        status = answered;

        assertThat(status("/ready?token=t").value()).isEqualTo(value);
        assertThat(asked).isEqualTo("/ready?token=t");
        assertThat(status("/ready").about()).isEqualTo(value == 0 ? "" : "it answers with status " + answered);
    }

    @Test
    void no_answer_is_no_value_and_nothing_of_the_address_is_told() {
        long began = System.nanoTime();
        assertThat(status("/slow?token=secret").missing()).isEqualTo("no answer within 2 s");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));

        int port = server.getAddress().getPort();
        server.stop(0);
        URI nobody = URI.create("http://localhost:" + port + "/?token=secret");
        try (Signal signal = new HttpSignal("deploys", nobody, "", Duration.ofSeconds(1))) {
            assertThat(signal.read().missing()).isEqualTo("nobody answers there: no such host, or no such port");
        }
    }

    @Test
    void prometheus_is_asked_one_instant_query_and_answers_one_number() {
        body = vector("63.5");
        assertThat(prometheus()).isEqualTo(Reading.of(63.5, ""));
        assertThat(asked).isEqualTo("/prom/api/v1/query?query=avg%28rate%28cpu%5B1m%5D%29%29+*+100");
        assertThat(authorization).isEqualTo("Basic bmVhcDpz");

        body = "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1.5,\"7\"]}}";
        assertThat(prometheus()).isEqualTo(Reading.of(7, ""));
    }

    @Test
    void a_webhook_is_told_and_tried_again_where_it_does_not_take_it() {
        Webhook webhook = new Webhook(uri("/hook?key=secret"), "Basic bmVhcDpz");
        Webhook.Message message = new Webhook.Message("breaker", "split", 7, "2 rows could \"not\" be written");

        assertThat(webhook.tell(message)).isEmpty();
        assertThat(told)
                .isEqualTo("{\"event\":\"breaker\",\"backfill\":\"split\",\"run_id\":7,"
                        + "\"text\":\"2 rows could \\\"not\\\" be written\"}");
        assertThat(authorization).isEqualTo("Basic bmVhcDpz");
        assertThat(times).hasValue(1);

        status = 503;
        assertThat(webhook.tell(message)).isEqualTo("it answers with status 503");
        assertThat(times).hasValue(4);
    }

    @Test
    void whatever_else_it_says_is_no_value() {
        Map<String, String> answers = Map.of(
                "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}",
                "yields 0 series",
                vector("NaN"),
                "no measure",
                vector("-1"),
                "no measure",
                vector("+Inf"),
                "no number",
                "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error\"}",
                ": parse error",
                "<html>sign in</html>",
                "not Prometheus'",
                "[]",
                "answers with status 200",
                "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"values\":[[1,\"2\"]]}]}}",
                "no number");
        answers.forEach((given, missing) -> {
            body = given;
            assertThat(prometheus().missing()).as(given).contains(missing);
        });
        body = vector("1") + " ".repeat(300 * 1024);
        assertThat(prometheus()).as("more than is read").isEqualTo(Reading.of(1, ""));
    }
}
