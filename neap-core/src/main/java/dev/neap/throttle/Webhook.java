package dev.neap.throttle;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;

/** Somebody who is told over HTTP that a run ended. It takes seven seconds at most. */
public final class Webhook {
    private static final int TRIES = 3;
    private static final long BETWEEN_MILLIS = 500;

    private final URI uri;
    private final String authorization;

    /** @param authorization the value of the header of this name; empty for none */
    public Webhook(URI uri, String authorization) {
        this.uri = uri;
        this.authorization = authorization;
    }

    /**
     * What is told, as JSON.
     *
     * @param text why, in words for a person; of rows only how many
     */
    public record Message(String event, String backfill, long runId, String text) {}

    /** Tells it; empty when it was taken, else why it was not, in words that repeat nothing of the address. */
    public String tell(Message message) {
        String why = "";
        for (int i = 0; i < TRIES; i++) {
            why = once(message);
            if (why.isEmpty() || !rested()) {
                return why;
            }
        }
        return why;
    }

    private String once(Message message) {
        try {
            String json = JsonMapper.builder()
                    .build()
                    .createObjectNode()
                    .put("event", message.event())
                    .put("backfill", message.backfill())
                    .put("run_id", message.runId())
                    .put("text", message.text())
                    .toString();
            int status = WebQuestion.told(uri, authorization, json).ask().status();
            return status / 100 == 2 ? "" : "it answers with status " + status;
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static boolean rested() {
        try {
            Thread.sleep(BETWEEN_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
