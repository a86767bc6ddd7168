package dev.neap.backfill;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The part `rebuild` of a backfill file, key by key as it is written, like {@link BackfillSource}. */
record RebuildSource(
        @JsonProperty(value = "table", required = true)
        @JsonPropertyDescription(
                "The partitioned table, written as in SQL: schema.table, in double quotes where SQL needs them."
                        + " Without a schema it is public.")
        String table,

        @JsonProperty("partitions")
        @JsonPropertyDescription("Which partitions, in which order. Without it: all, newest first.")
        @Nullable
        PartitionsSource partitions,

        @JsonProperty("set")
        @JsonPropertyDescription("Column to SQL expression over the row's own columns. Either this or recompute.")
        @Nullable
        Map<String, String> set,

        @JsonProperty("recompute")
        @JsonPropertyDescription(
                "One SELECT over other tables that yields all rows of a partition, with every column that can be"
                        + " inserted. :lower and :upper stand for the partition's bound. Needs reads and"
                        + " missing_in_source.")
        @Nullable
        String recompute,

        @JsonProperty("reads") @JsonPropertyDescription("Every table that the recompute reads.") @Nullable
        List<String> reads,

        @JsonProperty("missing_in_source")
        @JsonPropertyDescription(
                "keep: a row whose key the recompute does not yield is kept as it is. drop: it is not in the"
                        + " rebuilt partition. There is no default.")
        @Nullable
        MissingInSource missingInSource,

        @JsonProperty("already_right")
        @JsonPropertyDescription(
                "A predicate that is true for rows already in the new form; they are copied as they are."
                        + " Required where applying the expressions twice differs from once.")
        @Nullable
        String alreadyRight,

        @JsonProperty(value = "application_writes", defaultValue = "old")
        @JsonPropertyDescription("Which form the application writes by now.")
        @Nullable
        ApplicationWrites applicationWrites,

        @JsonProperty(value = "writes", defaultValue = "capture")
        @JsonPropertyDescription(
                "capture: the application may write during the run, and nothing is lost. none: it does not;"
                        + " a write that is seen all the same refuses the swap.")
        @Nullable
        LiveWrites writes,

        @JsonProperty(value = "cutover", defaultValue = "swap")
        @JsonPropertyDescription(
                "swap: the shadow takes the partition's place in one instant. merge: only the rows that differ are"
                        + " updated where they are, in small batches, for partitions that cannot be swapped."
                        + " hold: everything is prepared and kept caught up, and swapped on `neap swap`, or in"
                        + " the hours.")
        @Nullable
        Cutover cutover,

        @JsonProperty("hours")
        @JsonPropertyDescription("The hours of the day in which a swap or a merge may begin, with a time zone:"
                + " 22:00-05:00 Europe/Berlin, or Sat-Sun 00:00-24:00 Europe/Berlin. Without it: any.")
        @Nullable
        Hours hours,

        @JsonProperty(value = "keep_old", defaultValue = "7d")
        @JsonPropertyDescription("How long replaced partitions are kept before `neap cleanup` drops them.")
        @Nullable
        Duration keepOld,

        @JsonProperty("expect")
        @JsonPropertyDescription("Column to SQL over a row as it was before: another way to the same value, by which"
                + " neap verify judges what a run made. It decides nothing that a run does.")
        @Nullable
        Map<String, String> expect) {

    record PartitionsSource(
            @JsonProperty("from")
            @JsonPropertyDescription(
                    "Partitions that lie wholly at or after this value of the partition key. Without it: from the first.")
            @Nullable
            String from,

            @JsonProperty("to")
            @JsonPropertyDescription(
                    "Partitions that lie wholly before this value of the partition key. Without it: to the last.")
            @Nullable
            String to,

            @JsonProperty(value = "order", defaultValue = "newest-first")
            @JsonPropertyDescription("The order in which partitions are rebuilt.")
            PartitionRange.@Nullable Order order) {}
}
