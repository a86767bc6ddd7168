package dev.neap.mysql.query;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keys as the control tables keep them: a JSON array of texts. */
public final class Keys {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Keys() {}

    /** As it is stored. */
    public static String write(List<String> key) {
        try {
            return JSON.writeValueAsString(key);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }

    /** As it was; null where nothing is stored. */
    public static @Nullable List<String> read(@Nullable String stored) {
        try {
            return stored == null ? null : List.of(JSON.readValue(stored, String[].class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the control tables hold a key that is no JSON array: " + stored, e);
        }
    }

    /** As SQL that yields what is stored. */
    public static String sql(@Nullable List<String> key) {
        return key == null ? "NULL" : Names.literal(write(key));
    }
}
