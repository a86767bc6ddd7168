package dev.neap.backfill;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.neap.backfill.Node.Entry;
import dev.neap.backfill.Node.Mapping;
import dev.neap.backfill.Node.Place;
import dev.neap.backfill.Node.Scalar;
import dev.neap.backfill.Node.Sequence;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Fills source records from nodes, by the same annotations that the JSON Schema is made from. */
final class SourceBinder {
    private static final Map<Class<?>, Function<String, ? extends @Nullable Object>> SCALARS = Map.of(
            String.class, text -> text,
            Integer.class, SourceBinder::integer,
            Boolean.class, SourceBinder::truth,
            Duration.class, text -> Durations.parse(text).orElse(null),
            Ceiling.class, text -> Ceiling.parse(text).orElse(null),
            Share.class, text -> Share.parse(text).orElse(null),
            Times.class, text -> Times.parse(text).orElse(null),
            TimeLimit.class, text -> TimeLimit.parse(text).orElse(null),
            Hours.class, text -> Hours.parse(text).orElse(null),
            Conflict.class, text -> Conflict.parse(text).orElse(null));

    private final Problems problems;
    private final Map<String, Place> places = new HashMap<>();

    SourceBinder(Problems problems) {
        this.problems = problems;
    }

    /** Where the value of a key stands; the keys on the way to it are joined with dots. */
    @Nullable
    Place place(String path) {
        return places.get(path);
    }

    /** The record, or null after a problem. */
    <T extends Record> @Nullable T bind(@Nullable Node node, Class<T> type) {
        if (node == null) {
            problems.add(Place.START, "the file is empty; `neap init URL TABLE` writes one");
            return null;
        }
        if (!(node instanceof Mapping mapping)) {
            problems.add(node.place(), "a backfill file begins with a key, such as 'backfill: fix-revenue'");
            return null;
        }
        return type.cast(bindRecord(mapping, type, ""));
    }

    private @Nullable Object bindRecord(Mapping mapping, Class<?> type, String path) {
        RecordComponent[] components = type.getRecordComponents();
        Map<String, Entry> given = new LinkedHashMap<>();
        mapping.entries().forEach(entry -> given.putIfAbsent(entry.key().text(), entry));
        rejectUnknown(given, components, path);
        @Nullable Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            String key = keyOf(components[i]);
            Entry entry = given.get(key);
            if (entry != null) {
                String inner = path.isEmpty() ? key : path + "." + key;
                places.put(inner, entry.value().place());
                values[i] = bindValue(entry, components[i], inner);
            } else if (required(components[i])) {
                problems.add(mapping.place(), "the key '" + key + "' is missing" + in(path));
            }
        }
        return problems.none() ? construct(type, components, values) : null;
    }

    private void rejectUnknown(Map<String, Entry> given, RecordComponent[] components, String path) {
        List<String> keys = Arrays.stream(components).map(SourceBinder::keyOf).toList();
        given.forEach((key, entry) -> {
            if (!keys.contains(key)) {
                problems.add(entry.key().place(), "unknown key '" + key + "'" + in(path) + Nearest.hint(key, keys));
            }
        });
    }

    private @Nullable Object bindValue(Entry entry, RecordComponent component, String path) {
        Class<?> type = component.getType();
        Node value = entry.value();
        if (value instanceof Scalar scalar && scalar.empty()) {
            problems.add(entry.key().place(), "the key '" + entry.key().text() + "' has no value; " + Wanted.of(type));
            return null;
        }
        if (type.isRecord() && !SCALARS.containsKey(type)) {
            return value instanceof Mapping mapping ? bindRecord(mapping, type, path) : wrong(path, value, type);
        }
        if (type == Map.class) {
            return value instanceof Mapping mapping ? textMap(mapping, path) : wrong(path, value, type);
        }
        if (type == List.class) {
            Optional<Class<?>> element = element(component.getGenericType());
            return element.isPresent() ? records(value, element.get(), path) : list(value, path);
        }
        return value instanceof Scalar scalar ? bindScalar(scalar, type, path) : wrong(path, value, type);
    }

    /** The type of a list's elements where these are groups of keys themselves. */
    static Optional<Class<?>> element(Type list) {
        return list instanceof ParameterizedType type
                        && type.getActualTypeArguments()[0] instanceof Class<?> element
                        && element.isRecord()
                ? Optional.of(element)
                : Optional.empty();
    }

    /** One group of keys need not be written as a list. */
    private @Nullable Object records(Node value, Class<?> element, String path) {
        if (value instanceof Mapping mapping) {
            Object one = bindRecord(mapping, element, path);
            return one == null ? null : List.of(one);
        }
        if (!(value instanceof Sequence sequence) || sequence.items().isEmpty()) {
            return wrong(path, value, element);
        }
        List<Object> records = new ArrayList<>();
        for (Node item : sequence.items()) {
            String inner = path + "." + (records.size() + 1);
            places.put(inner, item.place());
            Object bound =
                    item instanceof Mapping mapping ? bindRecord(mapping, element, inner) : wrong(inner, item, element);
            // After a problem the whole is null; the others are looked at all the same.
            records.add(bound == null ? inner : bound);
        }
        return problems.none() ? records : null;
    }

    private @Nullable Object bindScalar(Scalar scalar, Class<?> type, String path) {
        Object bound = scalarOf(scalar.text(), type);
        return bound == null ? wrong(path, scalar, type) : bound;
    }

    /** The value that this text is of this type; null when it is none. */
    static @Nullable Object scalarOf(String text, Class<?> type) {
        if (type.isEnum()) {
            for (Object constant : type.getEnumConstants()) {
                if (label((Enum<?>) constant).equals(text)) {
                    return constant;
                }
            }
            return null;
        }
        Function<String, ? extends @Nullable Object> parse = SCALARS.get(type);
        if (parse == null) {
            throw new IllegalStateException("no reader for " + type);
        }
        return parse.apply(text);
    }

    private Map<String, String> textMap(Mapping mapping, String path) {
        Map<String, String> map = new LinkedHashMap<>();
        for (Entry entry : mapping.entries()) {
            String inner = path + "." + entry.key().text();
            places.put(inner, entry.value().place());
            if (entry.value() instanceof Scalar scalar
                    && !scalar.empty()
                    && !scalar.text().isBlank()) {
                map.put(entry.key().text(), scalar.text());
            } else if (entry.value() instanceof Scalar) {
                problems.add(
                        entry.key().place(),
                        inner + " has no value; write its text (inside { } a text with a comma needs double quotes)");
            } else {
                wrong(inner, entry.value(), String.class);
            }
        }
        return map;
    }

    /** One value need not be written as a list. */
    private @Nullable Object list(Node value, String path) {
        if (value instanceof Scalar scalar && !scalar.text().isBlank()) {
            places.put(path + ".0", scalar.place());
            return List.of(scalar.text());
        }
        return value instanceof Sequence sequence ? textList(sequence, path) : wrong(path, value, List.class);
    }

    private List<String> textList(Sequence sequence, String path) {
        List<String> list = new ArrayList<>();
        for (Node item : sequence.items()) {
            if (item instanceof Scalar scalar && !scalar.text().isBlank()) {
                places.put(path + "." + list.size(), item.place());
                list.add(scalar.text());
            } else {
                wrong(path, item, String.class);
            }
        }
        return list;
    }

    private @Nullable Object wrong(String path, Node value, Class<?> type) {
        problems.add(value.place(), path + " cannot be " + value.kind() + "; " + Wanted.of(type));
        return null;
    }

    private static Object construct(Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Integer integer(String text) {
        return text.matches("[1-9][0-9]{0,8}") ? Integer.valueOf(text) : null;
    }

    private static @Nullable Boolean truth(String text) {
        return switch (text) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    /** As an enum's value is written in a file. */
    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String keyOf(RecordComponent component) {
        return annotation(component).value();
    }

    private static boolean required(RecordComponent component) {
        return annotation(component).required();
    }

    /** Jackson's annotation is kept on the accessor, not on the component itself. */
    private static JsonProperty annotation(RecordComponent component) {
        return component.getAccessor().getAnnotation(JsonProperty.class);
    }

    private static String in(String path) {
        return path.isEmpty() ? "" : " in " + path;
    }
}
