package dev.neap.postgres.planning;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.SourceRecompute;
import dev.neap.plan.PlannedUnit;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What decides the rows that will be written, and nothing else: no pace, no statistics, no finding. */
final class PlanHash {
    private final MessageDigest digest;

    private PlanHash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** SHA-256 in hex. */
    static String of(Backfill backfill, List<PlannedUnit> units, int serverMajor) {
        PlanHash hash = new PlanHash();
        Rebuild rebuild = backfill.rebuild();
        hash.add("neap plan 1").add(String.valueOf(serverMajor));
        hash.add(rebuild.table().schema()).add(rebuild.table().name());
        hash.add("set").add(rebuild.set().size());
        rebuild.set().forEach((column, sql) -> hash.add(column).add(sql));
        hash.add("already_right").add(rebuild.alreadyRight());
        hash.add(rebuild.applicationWrites().name()).add(rebuild.writes().name());
        SourceRecompute source = rebuild.source();
        if (source != null) {
            hash.add("recompute").add(source.sql()).add(source.missing().name());
            source.reads().forEach(read -> hash.add(read.sql()));
        }
        if (rebuild.merges()) {
            hash.add("merge");
        }
        hash.add("assertions").add(backfill.assertions().size());
        backfill.assertions().forEach((name, sql) -> hash.add(name).add(sql));
        hash.add("units").add(units.size());
        for (PlannedUnit unit : units) {
            hash.add(unit.partition().schema()).add(unit.partition().name()).add(unit.bound());
        }
        return HexFormat.of().formatHex(hash.digest.digest());
    }

    private PlanHash add(int number) {
        return add(String.valueOf(number));
    }

    /** Each text goes in behind its length, so that no two lists of texts run together. */
    private PlanHash add(@Nullable String text) {
        byte[] bytes = Objects.requireNonNullElse(text, "").getBytes(StandardCharsets.UTF_8);
        digest.update(
                ByteBuffer.allocate(4).putInt(text == null ? -1 : bytes.length).array());
        digest.update(bytes);
        return this;
    }
}
