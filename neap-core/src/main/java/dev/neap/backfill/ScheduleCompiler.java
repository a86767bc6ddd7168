package dev.neap.backfill;

import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads `throttle.hours` and `throttle.freeze`. */
final class ScheduleCompiler {
    private final Settings settings;
    private final Complaint complaint;

    ScheduleCompiler(Settings settings, Complaint complaint) {
        this.settings = settings;
        this.complaint = complaint;
    }

    /** What they say; after a problem as much of it as makes sense. */
    Schedule schedule(@Nullable List<String> hours, @Nullable List<String> freeze) {
        return new Schedule(
                each("throttle.hours", hours, Hours::parse, Wanted.of(Hours.class)),
                each("throttle.freeze", freeze, Freeze::parse, Wanted.of(Freeze.class)));
    }

    private <T> List<T> each(
            String path, @Nullable List<String> given, Function<String, Optional<T>> parse, String wanted) {
        List<T> all = new ArrayList<>();
        List<String> texts = Objects.requireNonNullElse(given, List.of());
        for (int i = 0; i < texts.size(); i++) {
            String place = path + "." + i;
            Optional<T> one = parse.apply(texts.get(i));
            if (one.isEmpty()) {
                complaint.about(place, "it cannot be '" + texts.get(i) + "'; " + wanted);
            } else {
                settings.note(place, one.get().toString());
                all.add(one.get());
            }
        }
        return all;
    }
}
