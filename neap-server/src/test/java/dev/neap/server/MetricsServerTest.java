package dev.neap.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsServerTest {
    private static final ListenAddress ANY_PORT = new ListenAddress("localhost", 0);

    private final HttpClient client = HttpClient.newHttpClient();

    private HttpResponse<String> ask(String url, String method) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(url))
                        .timeout(Duration.ofSeconds(10))
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void each_request_is_answered_with_the_figures_of_that_moment() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> "neap_rows_total " + asked.incrementAndGet())) {
            ask(server.url(), "GET");
            HttpResponse<String> second = ask(server.url(), "GET");

            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(second.body()).isEqualTo("neap_rows_total 2");
            assertThat(second.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        }
    }

    @Test
    void those_who_ask_half_a_question_hold_nobody_up_for_long() throws Exception {
        List<Socket> stalled = new ArrayList<>();
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> "figures")) {
            URI url = URI.create(server.url());
            for (int i = 0; i < 6; i++) {
                Socket socket = new Socket(url.getHost(), url.getPort());
                stalled.add(socket);
                socket.getOutputStream().write("GET /met".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
            }

            assertThat(ask(server.url(), "GET").body()).isEqualTo("figures");
        } finally {
            for (Socket socket : stalled) {
                socket.close();
            }
        }
    }

    @Test
    void those_who_do_not_listen_to_the_answer_hold_nobody_up_for_long() throws Exception {
        String more = "figures\n".repeat(2_000_000);
        AtomicBoolean deaf = new AtomicBoolean(true);
        List<Socket> stalled = new ArrayList<>();
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> deaf.get() ? more : "figures")) {
            URI url = URI.create(server.url());
            for (int i = 0; i < 4; i++) {
                Socket socket = new Socket(url.getHost(), url.getPort());
                stalled.add(socket);
                socket.getOutputStream()
                        .write("GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().read())
                        .as("its answer has begun")
                        .isEqualTo('H');
            }
            deaf.set(false);

            assertThat(ask(server.url(), "GET").body()).isEqualTo("figures");
        } finally {
            for (Socket socket : stalled) {
                socket.close();
            }
        }
    }

    @Test
    void names_in_any_letters_arrive_as_they_are_and_their_bytes_are_counted() throws Exception {
        String figures = "neap_signal{signal=\"dépôt λ\"} 1";
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> figures)) {
            HttpResponse<String> answer = ask(server.url(), "GET");

            assertThat(answer.body()).isEqualTo(figures);
            assertThat(answer.headers().firstValue("Content-Type"))
                    .hasValue("text/plain; version=0.0.4; charset=utf-8");
        }
    }

    @Test
    void figures_that_cannot_be_told_end_one_question_and_no_other() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        Supplier<String> metrics = () -> {
            if (broken.get()) {
                throw new IllegalStateException("a test");
            }
            return "figures";
        };
        try (MetricsServer server = MetricsServer.start(ANY_PORT, metrics)) {
            for (int i = 0; i < 6; i++) {
                assertThatThrownBy(() -> ask(server.url(), "GET")).isInstanceOf(IOException.class);
            }
            broken.set(false);
            assertThat(ask(server.url(), "GET").body()).isEqualTo("figures");
        }
    }

    @Test
    void its_threads_keep_no_process_alive_and_end_with_it() throws Exception {
        List<Thread> threads = new ArrayList<>();
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> {
            threads.add(Thread.currentThread());
            return "figures";
        })) {
            ask(server.url(), "GET");
        }
        assertThat(threads).singleElement().satisfies(thread -> {
            assertThat(thread.isDaemon()).isTrue();
            thread.join(5_000);
            assertThat(thread.isAlive()).isFalse();
        });
    }

    @Test
    void nothing_else_is_there() throws Exception {
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> "secret")) {
            HttpResponse<String> elsewhere = ask(server.url().replace("/metrics", "/"), "GET");
            assertThat(elsewhere.statusCode()).isEqualTo(404);
            assertThat(elsewhere.body()).isEqualTo("there is GET /metrics\n");
            assertThat(ask(server.url(), "POST").statusCode()).isEqualTo(405);
            assertThat(ask(server.url(), "POST").body()).isEqualTo("there is GET /metrics\n");
        }
    }

    @Test
    void without_an_address_this_machine_alone_can_ask() throws Exception {
        try (MetricsServer server = MetricsServer.start(ListenAddress.parse("0").orElseThrow(), () -> "")) {
            assertThat(server.url()).matches("http://(127\\.0\\.0\\.1|\\[.*:1]):\\d+/metrics");
        }
    }

    @Test
    void a_port_that_is_taken_is_an_error_and_one_that_was_closed_is_free() throws Exception {
        int port;
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> "")) {
            port = URI.create(server.url()).getPort();
            assertThatThrownBy(() -> MetricsServer.start(new ListenAddress("localhost", port), () -> ""))
                    .isInstanceOf(BindException.class);
        }
        MetricsServer.start(new ListenAddress("localhost", port), () -> "").close();
    }

    @ParameterizedTest
    @CsvSource({
        "9187, localhost, 9187",
        "0.0.0.0:9187, 0.0.0.0, 9187",
        "metrics.example:1, metrics.example, 1",
        "[::1]:80, ::1, 80"
    })
    void addresses_are_read(String text, String host, int port) {
        assertThat(ListenAddress.parse(text)).contains(new ListenAddress(host, port));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "port", "65536", ":80", "localhost:", "a b:80", "-1", "::1:80x"})
    void what_is_no_address_is_none(String text) {
        assertThat(ListenAddress.parse(text)).isEmpty();
    }
}
