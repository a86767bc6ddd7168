package dev.neap.cli.text;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.neap.backfill.Freeze;
import dev.neap.backfill.Hours;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.backfill.Secret;
import dev.neap.backfill.TableName;
import dev.neap.backfill.Times;
import dev.neap.backfill.WebAddress;
import dev.neap.transform.TransformSource;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * JSON as every command prints it: keys in snake_case, durations in seconds, instants in ISO 8601 and UTC, sizes in
 * bytes, enum values in lower case with hyphens.
 */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
            .addMixIn(TransformSource.class, TransformAsRead.class)
            .addModule(new JavaTimeModule())
            .addModule(new SimpleModule()
                    .addSerializer(Duration.class, new Seconds())
                    .addSerializer(TableName.class, new AsText<>())
                    .addSerializer(Hours.class, new AsText<>())
                    .addSerializer(Times.class, new AsText<>())
                    .addSerializer(Freeze.class, new AsText<>())
                    .addSerializer(Secret.class, new AsText<>())
                    .addSerializer(WebAddress.class, new AsText<>())
                    .addSerializer(RowsPerSecond.class, new Rate())
                    .addSerializer(Enum.class, new Label())
                    .addKeySerializer(Enum.class, new LabelOfKey()))
            .build();

    private Json() {}

    /** A new object. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** A record or a map as an object that may be added to. */
    public static ObjectNode object(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** JSON that somebody else wrote. */
    public static JsonNode parsed(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Prints a value and a line's end; never held whole as text, since a plan may have 100,000 units. */
    public static void print(PrintStream out, Object value, boolean pretty) {
        DefaultIndenter indent = new DefaultIndenter("  ", "\n");
        ObjectWriter writer =
                pretty ? MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(indent)) : MAPPER.writer();
        try {
            writer.without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                    .without(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM)
                    .writeValue(out, value);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        out.println();
    }

    /** One line. */
    public static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Indented. */
    public static String pretty(Object value) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(value)
                    .replace("\r\n", "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where a transform was named and how it is made is for messages and for a run. */
    @JsonIgnoreProperties({"place", "factory"})
    private abstract static class TransformAsRead {}

    private static final class Seconds extends JsonSerializer<Duration> {
        @Override
        public void serialize(Duration value, JsonGenerator json, SerializerProvider unused) throws IOException {
            json.writeNumber(value.toMillis() / 1000.0);
        }
    }

    private static final class AsText<T> extends JsonSerializer<T> {
        @Override
        public void serialize(T value, JsonGenerator json, SerializerProvider unused) throws IOException {
            json.writeString(String.valueOf(value));
        }
    }

    private static final class Rate extends JsonSerializer<RowsPerSecond> {
        @Override
        public void serialize(RowsPerSecond value, JsonGenerator json, SerializerProvider unused) throws IOException {
            json.writeNumber(value.rows());
        }
    }

    @SuppressWarnings("rawtypes")
    private static final class Label extends JsonSerializer<Enum> {
        @Override
        public void serialize(Enum value, JsonGenerator json, SerializerProvider unused) throws IOException {
            json.writeString(label(value));
        }
    }

    @SuppressWarnings("rawtypes")
    private static final class LabelOfKey extends JsonSerializer<Enum> {
        @Override
        public void serialize(Enum value, JsonGenerator json, SerializerProvider unused) throws IOException {
            json.writeFieldName(label(value));
        }
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
