package dev.neap.backfill;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the user declares, checked. It never holds the connection's secrets.
 *
 * @param name the backfill's name, 1 to 63 characters
 * @param profile its limits
 * @param rebuild what is rebuilt
 * @param pace how fast it may go; the profile's ceiling is already in it where the file names none
 * @param batchRows about how many rows one transaction should load, in whole blocks of the table; at least 1
 * @param failureLimit how many units may fail before the run stops, at least 1
 * @param assertions name to SQL that must yield true; `:shadow` and `:live` stand for the two tables of a unit
 * @param replicas URLs, as written in the file with their placeholders, of hot standbys whose readers are waited for
 */
public record Backfill(
        String name,
        Profile profile,
        Rebuild rebuild,
        Pace pace,
        int batchRows,
        int failureLimit,
        Map<String, String> assertions,
        List<String> replicas) {
    public Backfill {
        if (name.isBlank() || name.length() > 63) {
            throw new IllegalArgumentException("a backfill's name has 1 to 63 characters");
        }
        if (batchRows < 1 || failureLimit < 1) {
            throw new IllegalArgumentException("batch rows and failure limit are at least 1");
        }
        assertions = Collections.unmodifiableMap(new LinkedHashMap<>(assertions));
        replicas = List.copyOf(replicas);
    }

    /** The same with another rebuild. */
    public Backfill with(Rebuild other) {
        return new Backfill(name, profile, other, pace, batchRows, failureLimit, assertions, replicas);
    }

    /** SHA-256, in hex, of what decides which rows are written and how: not of pace, profile or assertions. */
    public String declared() {
        // A shadow that is to be merged has other indexes, and what is half merged cannot be swapped.
        String merges = rebuild.merges() ? "\u0000MERGE" : "";
        String text = String.join(
                "\u0000",
                name,
                rebuild.table().schema(),
                rebuild.table().name(),
                String.valueOf(rebuild.partitions()),
                rebuild.set().toString(),
                String.valueOf(rebuild.alreadyRight()),
                rebuild.applicationWrites().name(),
                rebuild.writes().name() + merges + (rebuild.source() == null ? "" : "\u0000" + rebuild.source()));
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
