package dev.neap.throttle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** One question to one address, or one message, within two seconds. Nothing that it says repeats the address, which may have a secret in it. */
final class WebQuestion {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** More than any answer that it is asked for. */
    private static final int MOST_BYTES = 256 * 1024;

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    private final HttpRequest request;

    private WebQuestion(HttpRequest.Builder builder, String authorization) {
        builder.timeout(PATIENCE).header("User-Agent", "neap");
        this.request = (authorization.isEmpty() ? builder : builder.header("Authorization", authorization)).build();
    }

    /**
     * A GET.
     *
     * @param authorization the value of the header of this name; empty for none
     */
    static WebQuestion asked(URI uri, String authorization) {
        return new WebQuestion(HttpRequest.newBuilder(uri), authorization);
    }

    /** The same as a POST of JSON. */
    static WebQuestion told(URI uri, String authorization, String json) {
        return new WebQuestion(
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json)),
                authorization);
    }

    /**
     * What came back.
     *
     * @param body its first 256 KiB
     */
    record Answer(int status, String body) {}

    /** @throws IOException where none came; it says why, in words for a person */
    Answer ask() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        CompletableFuture<HttpResponse<Void>> answer = CLIENT.sendAsync(
                request,
                head -> BodySubscribers.ofByteArrayConsumer(more -> more.ifPresent(
                        bytes -> body.write(bytes, 0, Math.min(bytes.length, MOST_BYTES - body.size())))));
        try {
            int status = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).statusCode();
            return new Answer(status, body.toString(StandardCharsets.UTF_8));
        } catch (ExecutionException e) {
            throw new IOException(words(Objects.requireNonNullElse(e.getCause(), e)), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            answer.cancel(true);
        }
    }

    private static String words(Throwable why) {
        if (why instanceof HttpTimeoutException) {
            return "no answer within " + PATIENCE.toSeconds() + " s";
        }
        if (why instanceof ConnectException) {
            return "nobody answers there: no such host, or no such port";
        }
        return why instanceof SSLException
                ? "its certificate, or its TLS, cannot be trusted"
                : "the answer broke off (" + why.getClass().getSimpleName() + ")";
    }
}
