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
            Integer failureLimit,

            @JsonProperty("replica_lag")
            @JsonPropertyDescription("As throttle.replica_lag: 500ms or more, or none.")
            @Nullable
            TimeLimit replicaLag,

            @JsonProperty("server")
            @JsonPropertyDescription("As throttle.server: signal of the server to its limit, or none.")
            @Nullable
            Map<String, String> server,

            @JsonProperty("error_budget") @JsonPropertyDescription("As breaker.error_budget: a share.") @Nullable
            Share errorBudget) {}

    record VerifySource(
            @JsonProperty(value = "match", defaultValue = "99.99%")
            @JsonPropertyDescription("The share of all rows that are to be right.")
            @Nullable
            String match,

            @JsonProperty(value = "confidence", defaultValue = "99%")
            @JsonPropertyDescription("How often a claim from a sample must hold.")
            @Nullable
            String confidence) {}

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
                    + " deadlocks (4), wal_rate (256MB each second), temp_files (256MB each second), disk (97%),"
                    + " statements (3x), commits (3x), disturbance (1.35x); of the server's"
                    + " machine, without a default, cpu, disk_busy, disk_wait, disk_operations."
                    + " The profile's default: dev none, staging and prod all of them.")
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

            @JsonProperty("canary")
            @JsonPropertyDescription("A query whose time is watched, for what the application feels.")
            @Nullable
            CanarySource canary,

            @JsonProperty("signals") @JsonPropertyDescription("Signals of your own; one, or a list.") @Nullable
            List<SignalSource> signals) {}

    record BreakerSource(
            @JsonProperty(value = "error_budget", defaultValue = "0.01%")
            @JsonPropertyDescription(
                    "Which share of the rows may be errors (rows of a fill that were set aside, deadlocks, rows that a"
                            + " verification finds wrong): of all rows so far, and of the last 100,000. One always"
                            + " may.")
            @Nullable
            Share errorBudget,

            @JsonProperty("replica_lag")
            @JsonPropertyDescription(
                    "A replica that stays so far behind for a minute ends the run: 500ms or more, or none."
                            + " Without it: 5s, or twice throttle.replica_lag where that is more.")
            @Nullable
            TimeLimit replicaLag,

            @JsonProperty(value = "lock_timeouts", defaultValue = "60")
            @JsonPropertyDescription(
                    "Of a fill: a batch that could not get its locks so often in a row ends the run, some four minutes"
                            + " with 60.")
            @Nullable
            Integer lockTimeouts,

            @JsonProperty("webhook")
            @JsonPropertyDescription(
                    "A URL that is told by POST, as JSON, when the breaker trips. Secrets go into ${VAR} or"
                            + " ${file:/path}.")
            @Nullable
            String webhook,

            @JsonProperty(value = "on_breaker", defaultValue = "stop")
            @JsonPropertyDescription(
                    "stop: what is done is kept. undo: what a rebuild swapped is put back, as `neap undo` does.")
            @Nullable
            OnBreaker onBreaker) {}

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
            Duration every,

            @JsonProperty(value = "load", defaultValue = "false")
            @JsonPropertyDescription("Whether it tells of the server's CPU or I/O, which staging and prod ask for.")
            @Nullable
            Boolean load) {}
}
