package dev.neap.backfill;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** The keys of `throttle.canary`. */
record CanarySource(
        @JsonProperty(value = "sql", required = true)
        @JsonPropertyDescription(
                "One quick SELECT such as the application's own; it has two seconds. How long it takes is compared with"
                        + " how long it took before the run wrote.")
        String sql,

        @JsonProperty(value = "limit", defaultValue = "3x")
        @JsonPropertyDescription("Nothing is written while it takes so many times as long.")
        @Nullable
        Times limit,

        @JsonProperty("warning")
        @JsonPropertyDescription(
                "The run goes slower while it takes so many times as long. Without it: half of the way to the limit, 2x"
                        + " of 3x.")
        @Nullable
        Times warning) {}
