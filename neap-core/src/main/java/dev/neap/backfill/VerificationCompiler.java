package dev.neap.backfill;

import dev.neap.backfill.BackfillSource.FillSource;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what a file says about its verification. */
final class VerificationCompiler {
    private final List<FillSource> fills;
    private final Function<Integer, String> paths;
    private final Settings settings;
    private final Complaint complaint;

    /**
     * @param fills those of the file; null for a rebuild
     * @param paths where each of them stands in the file: `fill`, or `fill.2` for the second of several
     */
    VerificationCompiler(
            @Nullable List<FillSource> fills, Function<Integer, String> paths, Settings settings, Complaint complaint) {
        this.fills = Objects.requireNonNullElse(fills, List.of());
        this.paths = paths;
        this.settings = settings;
        this.complaint = complaint;
    }

    /** What was said; problems are complained of. */
    Verification verification() {
        List<Map<String, String>> expect = new ArrayList<>();
        for (FillSource fill : fills) {
            expect.add(expect(fill, paths.apply(expect.size() + 1)));
        }
        return new Verification(expect);
    }

    private Map<String, String> expect(FillSource fill, String path) {
        Map<String, String> expect = Objects.requireNonNullElse(fill.expect(), Map.of());
        expect.forEach((column, sql) -> {
            String where = path + ".expect." + column;
            settings.note(where, sql.strip());
            if (fill.set() != null && !fill.set().containsKey(column)) {
                complaint.about(where, "set does not have this column, so the fill writes nothing there; take it out");
            }
        });
        return expect;
    }
}
