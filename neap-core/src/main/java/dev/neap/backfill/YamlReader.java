package dev.neap.backfill;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.neap.backfill.Node.Entry;
import dev.neap.backfill.Node.Mapping;
import dev.neap.backfill.Node.Place;
import dev.neap.backfill.Node.Scalar;
import dev.neap.backfill.Node.Sequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Turns YAML text into nodes with places. Scalars stay the text that was written, so 2024-01-01 is no date here. */
final class YamlReader {
    private static final YAMLFactory YAML = YAMLFactory.builder()
            .disable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
            .build();

    private final YAMLParser parser;
    private final Problems problems;

    private YamlReader(YAMLParser parser, Problems problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /** The file's one document; null when it holds nothing but comments. */
    static @Nullable Node read(String text, Problems problems) {
        rejectTabs(text, problems);
        problems.throwIfAny();
        try (YAMLParser parser = YAML.createParser(text)) {
            YamlReader reader = new YamlReader(parser, problems);
            JsonToken first = parser.nextToken();
            Node root = first == null ? null : reader.node(first);
            if (parser.nextToken() != null) {
                problems.add(reader.here(), "a second document; a backfill file holds one, so remove the '---'");
            }
            return root;
        } catch (JsonProcessingException e) {
            problems.add(place(e.getLocation()), "this is not YAML: " + reason(e));
            throw problems.toException();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void rejectTabs(String text, Problems problems) {
        int line = 0;
        for (String content : text.split("\n", -1)) {
            line++;
            int indent = 0;
            while (indent < content.length() && content.charAt(indent) == ' ') {
                indent++;
            }
            if (indent < content.length() && content.charAt(indent) == '\t' && !content.isBlank()) {
                problems.add(new Place(line, indent + 1), "a tab; YAML indents with spaces");
            }
        }
    }

    private Node node(JsonToken token) throws IOException {
        Place place = here();
        if (token == JsonToken.START_OBJECT) {
            return mapping(place);
        }
        if (token == JsonToken.START_ARRAY) {
            List<Node> items = new ArrayList<>();
            for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                items.add(node(next));
            }
            return new Sequence(items, place);
        }
        if (parser.isCurrentAlias()) {
            problems.add(place, "an alias (*" + parser.getText() + "); write the value out");
        }
        String text = parser.getText();
        boolean empty = text.isEmpty() || (token == JsonToken.VALUE_NULL && text.equals("~"));
        return new Scalar(text, empty, place);
    }

    private Mapping mapping(Place place) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            Scalar key = new Scalar(parser.currentName(), false, here());
            Integer before = seen.putIfAbsent(key.text(), key.place().line());
            if (before != null) {
                problems.add(key.place(), "the key '" + key.text() + "' was already given on line " + before);
            }
            entries.add(new Entry(key, node(parser.nextToken())));
        }
        return new Mapping(entries, place);
    }

    private Place here() {
        return place(parser.currentTokenLocation());
    }

    private static Place place(@Nullable JsonLocation location) {
        return location == null
                ? Place.START
                : new Place(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }

    private static String reason(JsonProcessingException e) {
        String problem = e.getCause() instanceof MarkedYAMLException marked ? marked.getProblem() : null;
        return (problem == null ? "it cannot be read" : problem)
                + "; a value that holds ': ' or ' #', or begins with a sign, needs double quotes";
    }
}
