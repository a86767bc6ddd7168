package dev.neap.throttle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The value of now of a query in Prometheus' language: one number. */
public final class PrometheusSignal implements Signal {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_OF_A_MESSAGE = 200;

    private final WebQuestion question;
    private final Limits limits;

    /**
     * @param server where Prometheus is, without `/api/v1/query`
     * @param authorization the value of the header of this name; empty for none
     */
    public PrometheusSignal(URI server, String authorization, String query, Limits limits) {
        String base = server.toString().replaceFirst("/+$", "");
        this.question = WebQuestion.asked(
                URI.create(base + "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8)),
                authorization);
        this.limits = limits;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Reading read() {
        try {
            WebQuestion.Answer answer = question.ask();
            JsonNode json = JSON.readTree(answer.body());
            return json.path("status").asText().equals("success")
                    ? value(json.path("data"))
                    : Reading.none("Prometheus answers with status " + answer.status() + error(json));
        } catch (JsonProcessingException e) {
            return Reading.none("the answer is not Prometheus'");
        } catch (IOException e) {
            return Reading.none(String.valueOf(e.getMessage()));
        }
    }

    private static String error(JsonNode json) {
        String error = json.path("error").asText();
        return error.isEmpty() ? "" : ": " + error.substring(0, Math.min(MOST_OF_A_MESSAGE, error.length()));
    }

    private static Reading value(JsonNode data) {
        JsonNode result = data.path("result");
        boolean scalar = data.path("resultType").asText().equals("scalar");
        if (!scalar && result.size() != 1) {
            return Reading.none("its query yields " + result.size() + " series, not one number");
        }
        String value = (scalar ? result : result.path(0).path("value")).path(1).asText();
        try {
            return Reading.of(Double.parseDouble(value), "");
        } catch (NumberFormatException e) {
            return Reading.none("its query yields '" + value + "', which is no number");
        }
    }

    @Override
    public void close() {}
}
