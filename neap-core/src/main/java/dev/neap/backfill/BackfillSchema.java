package dev.neap.backfill;

import com.fasterxml.classmate.ResolvedType;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerationContext;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonModule;
import com.github.victools.jsonschema.module.jackson.JacksonOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The JSON Schema of a backfill file, for editors, made from the types that read it. */
public final class BackfillSchema {
    private BackfillSchema() {}

    /** The schema as indented JSON, always the same text. */
    public static String json() {
        SchemaGeneratorConfigBuilder config = new SchemaGeneratorConfigBuilder(
                        SchemaVersion.DRAFT_2019_09, OptionPreset.PLAIN_JSON)
                .with(
                        Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT,
                        Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES,
                        Option.INLINE_ALL_SCHEMAS)
                .with(new JacksonModule(
                        JacksonOption.RESPECT_JSONPROPERTY_REQUIRED, JacksonOption.RESPECT_JSONPROPERTY_ORDER));
        config.forTypesInGeneral()
                .withPropertySorter((unusedOne, unusedOther) -> 0)
                .withCustomDefinitionProvider(BackfillSchema::scalar);
        config.forFields().withDefaultResolver(field -> {
            JsonProperty property = field.getAnnotation(JsonProperty.class);
            return property == null || property.defaultValue().isEmpty() ? null : typed(field.getType(), property);
        });
        ObjectNode schema = new SchemaGenerator(config.build()).generateSchema(BackfillSource.class);
        for (String either : List.of("rebuild", "fill")) {
            schema.withArray("oneOf").addObject().putArray("required").add(either);
        }
        schema.put("title", "A Neap backfill file");
        return schema.toPrettyString().replace("\r\n", "\n") + "\n";
    }

    private static Object typed(ResolvedType type, JsonProperty property) {
        Class<?> erased = type.getErasedType();
        return erased == Integer.class || erased == Boolean.class
                ? Objects.requireNonNull(SourceBinder.scalarOf(property.defaultValue(), erased))
                : property.defaultValue();
    }

    private static @Nullable CustomDefinition scalar(ResolvedType type, SchemaGenerationContext context) {
        Class<?> erased = type.getErasedType();
        ObjectNode node = context.getGeneratorConfig().createObjectNode();
        if (erased == Duration.class) {
            return inline(node.put("type", "string").put("pattern", Durations.PATTERN));
        }
        if (erased == Ceiling.class) {
            return inline(node.put("type", "string").put("pattern", Ceiling.PATTERN));
        }
        if (erased == Share.class) {
            return inline(node.put("type", "string").put("pattern", Share.PATTERN));
        }
        if (erased == Times.class) {
            return inline(node.put("type", "string").put("pattern", Times.PATTERN));
        }
        if (erased == TimeLimit.class) {
            return inline(node.put("type", "string").put("pattern", TimeLimit.PATTERN));
        }
        if (erased == Hours.class) {
            return inline(node.put("type", "string").put("pattern", Hours.PATTERN));
        }
        if (erased == Conflict.class) {
            return inline(node.put("type", "string").put("pattern", Conflict.PATTERN));
        }
        if (erased == Integer.class) {
            return inline(node.put("type", "integer").put("minimum", 1).put("maximum", 999_999_999));
        }
        if (erased == String.class) {
            // What YAML takes for a number or a truth value is text to Neap: `set: { flag: true }`.
            node.putArray("type").add("string").add("number").add("boolean");
            return inline(node);
        }
        if (erased == List.class
                && type.getTypeParameters().get(0).getErasedType().isRecord()) {
            ResolvedType element = type.getTypeParameters().get(0);
            node.putArray("anyOf")
                    .add(context.createDefinition(element))
                    .addObject()
                    .put("type", "array")
                    .put("minItems", 1)
                    .set("items", context.createDefinition(element));
            return inline(node);
        }
        if (erased == List.class) {
            node.putArray("type").add("array").add("string").add("number");
            node.putObject("items").putArray("type").add("string").add("number");
            return inline(node);
        }
        if (erased == Map.class) {
            node.put("type", "object").put("minProperties", 1);
            node.putObject("additionalProperties")
                    .putArray("type")
                    .add("string")
                    .add("number")
                    .add("boolean")
                    .add("null");
            return inline(node);
        }
        if (erased.isEnum()) {
            node.put("type", "string");
            for (Object constant : erased.getEnumConstants()) {
                node.withArray("enum").add(SourceBinder.label((Enum<?>) constant));
            }
            return inline(node);
        }
        return null;
    }

    private static CustomDefinition inline(ObjectNode node) {
        return new CustomDefinition(
                node, CustomDefinition.DefinitionType.INLINE, CustomDefinition.AttributeInclusion.YES);
    }
}
