package dev.neap.backfill;

import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import org.jspecify.annotations.Nullable;

/** Reads `throttle.canary`. */
final class CanaryCompiler {
    private static final String PATH = "throttle.canary";

    private final @Nullable CanarySource source;
    private final Settings settings;
    private final Complaint complaint;

    CanaryCompiler(@Nullable CanarySource source, Settings settings, Complaint complaint) {
        this.source = source;
        this.settings = settings;
        this.complaint = complaint;
    }

    /** What it says; null where there is none, and after a problem. */
    @Nullable
    Canary canary() {
        if (source == null) {
            return null;
        }
        settings.note(PATH + ".sql", source.sql().strip());
        Times limit = settings.fromFile(PATH + ".limit", source.limit(), Canary.LIMIT, "default");
        Times half = new Times((1 + limit.times()) / 2);
        Times warning = settings.fromFile(PATH + ".warning", source.warning(), half, "half of the way to the limit");
        if (warning.times() > limit.times()) {
            complaint.about(PATH + ".warning", "it comes before the limit, which is " + limit);
            return null;
        }
        return new Canary(source.sql().strip(), warning, limit);
    }
}
