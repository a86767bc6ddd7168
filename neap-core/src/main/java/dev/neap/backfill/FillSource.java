package dev.neap.backfill;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One part `fill` of a backfill file, key by key as it is written, like {@link BackfillSource}. */
record FillSource(
        @JsonProperty("from")
        @JsonPropertyDescription(
                "The table whose rows are walked, written as in SQL. Without it: the rows of into themselves.")
        @Nullable
        String from,

        @JsonProperty(value = "into", required = true)
        @JsonPropertyDescription("The table that is written, as in SQL. Without a schema it is public.")
        String into,

        @JsonProperty("key")
        @JsonPropertyDescription(
                "The columns of from by which it is walked: unique and not null. Without it: its primary key.")
        @Nullable
        List<String> key,

        @JsonProperty("keys")
        @JsonPropertyDescription("Which part of the key is walked. Without it: all of it.")
        @Nullable
        KeysSource keys,

        @JsonProperty("where")
        @JsonPropertyDescription("A predicate over the rows of from. Without it: all rows.")
        @Nullable
        String where,

        @JsonProperty("set")
        @JsonPropertyDescription("Column of into to SQL expression over a row of from. Either this or transform.")
        @Nullable
        Map<String, String> set,

        @JsonProperty("transform")
        @JsonPropertyDescription("A class that makes the rows in Java, in place of set.")
        @Nullable
        TransformClass transform,

        @JsonProperty("reads")
        @JsonPropertyDescription("Other tables that the expressions read, in subqueries.")
        @Nullable
        List<String> reads,

        @JsonProperty(value = "conflict", defaultValue = "keep")
        @JsonPropertyDescription(
                "keep: what is there stays, a dual writer was here first. overwrite: it is replaced where the"
                        + " fill makes something else of its source. newer(column): it is replaced where the row of"
                        + " from is newer by this column.")
        @Nullable
        Conflict conflict,

        @JsonProperty(value = "dual_write", defaultValue = "application")
        @JsonPropertyDescription(
                "Who writes into where the application writes from, while the fill runs and after it. application: it"
                        + " does so itself. trigger: a trigger of Neap's, in the same transaction, until `neap cleanup"
                        + " --dual-write` takes it off. Only with another table, and with expressions over the row"
                        + " alone.")
        @Nullable
        DualWrite dualWrite,

        @JsonProperty("already_right")
        @JsonPropertyDescription(
                "A predicate over a row of into, true where nothing is to be done. Only with columns of the same"
                        + " table; required where the expressions read what they set, or a column is never"
                        + " null.")
        @Nullable
        String alreadyRight,

        @JsonProperty("expect")
        @JsonPropertyDescription(
                "Column of into to SQL over a row of from: another way to the same value, by which `neap verify`"
                        + " judges what the fill wrote. Without it the transform is run again.")
        @Nullable
        Map<String, String> expect) {

    record KeysSource(
            @JsonProperty("from")
            @JsonPropertyDescription("The first key, a value for each column of the key.")
            @Nullable
            List<String> from,

            @JsonProperty("to")
            @JsonPropertyDescription("The keys before this one, a value for each column of the key.")
            @Nullable
            List<String> to) {}

    record TransformClass(
            @JsonProperty(value = "class", required = true)
            @JsonPropertyDescription("A public class with a public constructor without parameters that implements"
                    + " dev.neap.transform.RowTransform or BatchTransform, with its package.")
            String type,

            @JsonProperty(value = "jar", required = true)
            @JsonPropertyDescription("The jar that has it and what it needs, from the folder of this file.")
            String jar) {}
}
