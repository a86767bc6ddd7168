package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BackfillSchemaTest {
    private static final Path COMMITTED = Path.of("..", "docs", "backfill.schema.json");

    /** Renew it with -Dneap.renew=true. */
    @Test
    void the_committed_schema_is_what_the_types_say() throws IOException {
        if (Boolean.getBoolean("neap.renew")) {
            Files.writeString(COMMITTED, BackfillSchema.json());
        }

        assertThat(COMMITTED).content().isEqualTo(BackfillSchema.json());
    }

    @Test
    void it_is_as_strict_as_the_reader() throws IOException {
        JsonNode schema = new ObjectMapper().readTree(BackfillSchema.json());
        JsonNode rebuild = schema.at("/properties/rebuild");

        assertThat(schema.at("/additionalProperties").asBoolean(true)).isFalse();
        assertThat(rebuild.at("/additionalProperties").asBoolean(true)).isFalse();
        assertThat(schema.at("/required").toString()).isEqualTo("[\"backfill\"]");
        assertThat(schema.at("/oneOf").toString())
                .isEqualTo("[{\"required\":[\"rebuild\"]},{\"required\":[\"fill\"]}]");
        assertThat(schema.at("/properties/fill/anyOf/0/required").toString()).isEqualTo("[\"into\"]");
        assertThat(schema.at("/properties/fill/anyOf/1/items"))
                .as("one of a list is as one alone")
                .isEqualTo(schema.at("/properties/fill/anyOf/0"));
        assertThat(rebuild.at("/required").toString()).isEqualTo("[\"table\"]");
        assertThat(rebuild.at("/properties/writes/enum").toString()).isEqualTo("[\"capture\",\"none\"]");
        assertThat(rebuild.at("/properties/keep_old/default").asText()).isEqualTo("7d");
    }

    @Test
    void every_key_says_what_it_means() throws IOException {
        assertDescribed(new ObjectMapper().readTree(BackfillSchema.json()), "");
    }

    private static void assertDescribed(JsonNode schema, String path) {
        schema.path("anyOf").forEach(either -> assertDescribed(either, path));
        schema.path("properties").properties().forEach(property -> {
            assertThat(property.getValue().path("description").asText())
                    .as(path + property.getKey())
                    .isNotBlank();
            assertDescribed(property.getValue(), path + property.getKey() + ".");
        });
    }
}
