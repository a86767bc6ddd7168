package dev.neap.backfill;

import dev.neap.backfill.BackfillSource.VerifySource;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a file says about its verification. */
final class VerificationCompiler {
    /** Four digits behind the point: a sample for more would have tens of millions of rows. */
    private static final Pattern PERCENT = Pattern.compile("([1-9]?[0-9](?:\\.[0-9]{1,4})?) ?%");

    private static final double LEAST = 0.5;

    private final VerifySource verify;
    private final List<FillSource> fills;
    private final @Nullable RebuildSource rebuild;
    private final Function<Integer, String> paths;
    private final Settings settings;
    private final Complaint complaint;

    /**
     * @param verify what the file says of samples; null for nothing
     * @param fills those of the file; null for a rebuild
     * @param rebuild that of the file; null for a fill
     * @param paths where each of them stands in the file: `fill`, or `fill.2` for the second of several
     */
    VerificationCompiler(
            @Nullable VerifySource verify,
            @Nullable List<FillSource> fills,
            @Nullable RebuildSource rebuild,
            Function<Integer, String> paths,
            Settings settings,
            Complaint complaint) {
        this.verify = verify == null ? new VerifySource(null, null) : verify;
        this.fills = Objects.requireNonNullElse(fills, List.of());
        this.rebuild = rebuild;
        this.paths = paths;
        this.settings = settings;
        this.complaint = complaint;
    }

    /** What was said; problems are complained of. */
    Verification verification() {
        List<Map<String, String>> expect = new ArrayList<>();
        for (FillSource fill : fills) {
            expect.add(expect(
                    fill.expect(),
                    fill.set(),
                    paths.apply(expect.size() + 1),
                    "set does not have this column, so the fill writes nothing there; take it out"));
        }
        if (rebuild != null) {
            expect.add(expect(
                    rebuild.expect(),
                    Objects.requireNonNullElse(rebuild.set(), Map.of()),
                    "rebuild",
                    "set does not have this column; take it out: what is not set is expected as it was, and what a"
                            + " recompute from other tables yields is judged by assert"));
        }
        return new Verification(
                share("verify.match", verify.match(), Verification.MATCH, "99.99%"),
                share("verify.confidence", verify.confidence(), Verification.CONFIDENCE, "99%"),
                expect);
    }

    private double share(String path, @Nullable String text, double otherwise, String shown) {
        String chosen = settings.fromFile(path, text, shown, "default");
        Matcher percent = PERCENT.matcher(chosen.strip());
        double share = percent.matches()
                ? new BigDecimal(percent.group(1)).movePointLeft(2).doubleValue()
                : 0;
        if (share < LEAST) {
            complaint.about(
                    path,
                    "'" + chosen + "' is no share that a sample can show; write one from 50% to 99.9999%, such as "
                            + shown);
            return otherwise;
        }
        return share;
    }

    private Map<String, String> expect(
            @Nullable Map<String, String> said, @Nullable Map<String, String> set, String path, String elsewhere) {
        Map<String, String> expect = Objects.requireNonNullElse(said, Map.of());
        expect.forEach((column, sql) -> {
            String where = path + ".expect." + column;
            settings.note(where, sql.strip());
            if (set != null && !set.containsKey(column)) {
                complaint.about(where, elsewhere);
            }
        });
        return expect;
    }
}
