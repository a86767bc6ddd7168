package dev.neap.backfill;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A backfill file, key by key as it is written. Both the reader and the JSON Schema come from these types; a key that is
 * not required is null where the file does not have it.
 */
record BackfillSource(
        @JsonProperty(value = "backfill", required = true)
        @JsonPropertyDescription(
                "The backfill's name: 1 to 63 letters, digits, '-', '_' or '.', beginning with a letter or digit.")
        String backfill,

        @JsonProperty(value = "profile", defaultValue = "prod")
        @JsonPropertyDescription(
                "A named set of limits: dev, staging, prod, or one of profiles. What the file says itself comes before its"
                        + " profile.")
        @Nullable
        String profile,

        @JsonProperty("profiles")
        @JsonPropertyDescription("Profiles of your own, each of which extends one of Neap's.")
        @Nullable
        List<ProfileSource> profiles,

        @JsonProperty(value = "approval", defaultValue = "any")
        @JsonPropertyDescription(
                "Who may approve a plan for the profile prod. other: a role of the database other than the one that runs"
                        + " it. any: that role too.")
        @Nullable
        Approver approval,

        @JsonProperty("answers")
        @JsonPropertyDescription(
                "Name of a preflight check to why the run may start in spite of what it finds. The profile prod asks for"
                        + " an answer to every warning.")
        @Nullable
        Map<String, String> answers,

        @JsonProperty("connection")
        @JsonPropertyDescription(
                "Where the database is: postgresql://user@host:port/database or a JDBC URL. ${VAR} stands for an"
                        + " environment variable, ${file:/path} for what a file holds. Without it the PG*"
                        + " variables decide.")
        @Nullable
        String connection,

        @JsonProperty("replicas")
        @JsonPropertyDescription(
                "URLs of hot standbys whose readers are waited for before a swap, written like the connection."
                        + " Passwords go into ${VAR} or ${file:/path}.")
        @Nullable
        List<String> replicas,

        @JsonProperty("rebuild")
        @JsonPropertyDescription("A rebuild of a partitioned table. Either this or fill.")
        @Nullable
        RebuildSource rebuild,

        @JsonProperty("fill")
        @JsonPropertyDescription(
                "A fill of columns, or of another table; or a list of them, done in the order of the tables' foreign"
                        + " keys. Either this or rebuild.")
        @Nullable
        List<FillSource> fill,

        @JsonProperty("verify") @JsonPropertyDescription("What `neap verify --sample` is to show.") @Nullable
        VerifySource verify,

        @JsonProperty("pace") @JsonPropertyDescription("How fast the run may go.") @Nullable
        PaceSource pace,

        @JsonProperty("throttle") @JsonPropertyDescription("The signals by which a run slows down and waits.") @Nullable
        ThrottleSource throttle,

        @JsonProperty("breaker")
        @JsonPropertyDescription("What ends a run at once, with exit 5; the same command goes on.")
        @Nullable
        BreakerSource breaker,

        @JsonProperty("batch_rows")
        @JsonPropertyDescription(
                "About how many rows one transaction loads, in whole blocks of the table. The profile's default: dev 50000, staging 10000, prod"
                        + " 1000.")
        @Nullable
        Integer batchRows,

        @JsonProperty(value = "failure_limit", defaultValue = "3")
        @JsonPropertyDescription("How many units may fail before the run stops.")
        @Nullable
        Integer failureLimit,

        @JsonProperty("assert")
        @JsonPropertyDescription(
                "Name to SQL that must yield true. Of a rebuild before each swap; :shadow and :live stand for the two"
                        + " tables of a unit. Of a fill when `neap verify` looks.")
        @Nullable
        Map<String, String> assertions) {

    record ProfileSource(
            @JsonProperty(value = "name", required = true)
            @JsonPropertyDescription("Its name, which profile, --profile and NEAP_PROFILE choose it by.")
            String name,

            @JsonProperty(value = "extends", required = true)
            @JsonPropertyDescription("Whose limits hold where it says nothing, and whose proofs it asks for.")
            Profile base,

            @JsonProperty("batch_rows") @JsonPropertyDescription("About how many rows one transaction loads.") @Nullable
            Integer batchRows,

            @JsonProperty("rate") @JsonPropertyDescription("The ceiling, or none.") @Nullable
            Ceiling rate,

            @JsonProperty("pause") @JsonPropertyDescription("The deliberate wait between two units.") @Nullable
            Duration pause,

            @JsonProperty("batch_pause") @JsonPropertyDescription("The deliberate wait between two batches.") @Nullable
            Duration batchPause,

            @JsonProperty("failure_limit")
            @JsonPropertyDescription("How many units may fail before the run stops.")
            @Nullable
            Integer failureLimit) {}

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
            Duration keepOld) {}

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
            Map<String, String> expect) {}

    record TransformClass(
            @JsonProperty(value = "class", required = true)
            @JsonPropertyDescription("A public class with a public constructor without parameters that implements"
                    + " dev.neap.transform.RowTransform or BatchTransform, with its package.")
            String type,

            @JsonProperty(value = "jar", required = true)
            @JsonPropertyDescription("The jar that has it and what it needs, from the folder of this file.")
            String jar) {}

    record VerifySource(
            @JsonProperty(value = "match", defaultValue = "99.99%")
            @JsonPropertyDescription("The share of all rows that are to be right.")
            @Nullable
            String match,

            @JsonProperty(value = "confidence", defaultValue = "99%")
            @JsonPropertyDescription("How often a claim from a sample must hold.")
            @Nullable
            String confidence) {}

    record KeysSource(
            @JsonProperty("from")
            @JsonPropertyDescription("The first key, a value for each column of the key.")
            @Nullable
            List<String> from,

            @JsonProperty("to")
            @JsonPropertyDescription("The keys before this one, a value for each column of the key.")
            @Nullable
            List<String> to) {}

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

    record PaceSource(
            @JsonProperty("rate")
            @JsonPropertyDescription(
                    "The ceiling while a unit is loaded, or none. The profile's default: dev none, staging 1000"
                            + " rows/s, prod 500 rows/s.")
            @Nullable
            Ceiling rate,

            @JsonProperty(value = "pause", defaultValue = "0s")
            @JsonPropertyDescription("The deliberate wait between two units.")
            @Nullable
            Duration pause,

            @JsonProperty(value = "batch_pause", defaultValue = "0s")
            @JsonPropertyDescription("The deliberate wait between two batches.")
            @Nullable
            Duration batchPause) {}

    record ThrottleSource(
            @JsonProperty("replica_lag")
            @JsonPropertyDescription("Nothing is written while a replica is so far behind: 500ms or more, or none. The"
                    + " run goes slower from half of it on. The profile's default: dev none, staging and prod 2s.")
            @Nullable
            TimeLimit replicaLag,

            @JsonProperty("server")
            @JsonPropertyDescription("Signal of the server to the value from which on nothing is written, or none:"
                    + " connections (90%), transaction (1h), archive_backlog (1GB), slot_wal (10GB), dead_rows (60%),"
                    + " deadlocks (4). The profile's default: dev none, staging and prod all of them.")
            @Nullable
            Map<String, String> server,

            @JsonProperty("hours")
            @JsonPropertyDescription("The hours in which the run writes, with a time zone; one, or a list: 22:00-05:00"
                    + " Europe/Berlin, Sat-Sun 00:00-24:00 Europe/Berlin. Without it: any.")
            @Nullable
            List<String> hours,

            @JsonProperty("freeze")
            @JsonPropertyDescription("Days on which the run never writes, with a time zone; one, or a list:"
                    + " 2026-12-20..2027-01-04 Europe/Berlin.")
            @Nullable
            List<String> freeze,

            @JsonProperty("signals") @JsonPropertyDescription("Signals of your own; one, or a list.") @Nullable
            List<SignalSource> signals) {}

    record BreakerSource(
            @JsonProperty(value = "error_budget", defaultValue = "0.01%")
            @JsonPropertyDescription(
                    "Which share of the rows of a fill may be set aside: of all rows so far, and of the"
                            + " last 100,000. One row always may.")
            @Nullable
            Share errorBudget,

            @JsonProperty("replica_lag")
            @JsonPropertyDescription(
                    "A replica that stays so far behind for a minute ends the run: 500ms or more, or none."
                            + " Without it: 5s, or twice throttle.replica_lag where that is more.")
            @Nullable
            TimeLimit replicaLag,

            @JsonProperty("webhook")
            @JsonPropertyDescription(
                    "A URL that is told by POST, as JSON, when the breaker trips. Secrets go into ${VAR} or"
                            + " ${file:/path}.")
            @Nullable
            String webhook) {}

    record SignalSource(
            @JsonProperty(value = "name", required = true) @JsonPropertyDescription("Its name, for people.")
            String name,

            @JsonProperty("sql")
            @JsonPropertyDescription(
                    "One SELECT that yields one number, zero or more; it has two seconds. One of sql, prometheus, http"
                            + " and file.")
            @Nullable
            String sql,

            @JsonProperty("file")
            @JsonPropertyDescription(
                    "While this file is there, nothing is written; from the folder of the backfill file.")
            @Nullable
            String file,

            @JsonProperty("http")
            @JsonPropertyDescription(
                    "A URL: while it answers with another status than one from 200 to 299, nothing is written. Secrets"
                            + " go into ${VAR} or ${file:/path}.")
            @Nullable
            String http,

            @JsonProperty("prometheus")
            @JsonPropertyDescription("The URL of Prometheus, which query is put to.")
            @Nullable
            String prometheus,

            @JsonProperty("query")
            @JsonPropertyDescription(
                    "A query in Prometheus' language that yields one number, zero or more; it has two seconds.")
            @Nullable
            String query,

            @JsonProperty("limit")
            @JsonPropertyDescription("From this value of the query on nothing is written.")
            @Nullable
            Integer limit,

            @JsonProperty("warning")
            @JsonPropertyDescription(
                    "From this value of the query on the run goes slower. Without it: half of the limit.")
            @Nullable
            Integer warning,

            @JsonProperty(value = "every", defaultValue = "5s")
            @JsonPropertyDescription("How often it is read, 500ms or more.")
            @Nullable
            Duration every) {}
}
