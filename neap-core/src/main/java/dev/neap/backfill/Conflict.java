package dev.neap.backfill;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a fill does where a value is there already.
 *
 * @param rule the rule
 * @param newer the column by which the newer row is known; null but for {@link Rule#NEWER}
 */
public record Conflict(Rule rule, @Nullable String newer) {
    /** The rules. */
    public enum Rule {
        /** What is there stays: a dual writer was here first. */
        KEEP,
        /** What is there is replaced where the fill makes something else of its source. */
        OVERWRITE,
        /** What is there is replaced where the source is newer by a column. */
        NEWER
    }

    /** What {@link #parse} takes, for schemas. */
    static final String PATTERN = "^(keep|overwrite|newer\\(.+\\))$";

    /** The default. */
    public static final Conflict KEEP = new Conflict(Rule.KEEP, null);

    private static final Pattern NEWER = Pattern.compile("newer\\(\\s*(.+?)\\s*\\)");

    public Conflict {
        if ((rule == Rule.NEWER) != (newer != null)) {
            throw new IllegalArgumentException("newer names a column, and nothing else does");
        }
    }

    /** The rule, or empty when the text is none: `keep`, `overwrite`, `newer(updated_at)`. */
    public static Optional<Conflict> parse(String text) {
        String trimmed = text.strip();
        if (trimmed.equals("keep")) {
            return Optional.of(KEEP);
        }
        if (trimmed.equals("overwrite")) {
            return Optional.of(new Conflict(Rule.OVERWRITE, null));
        }
        Matcher newer = NEWER.matcher(trimmed);
        return newer.matches() ? Optional.of(new Conflict(Rule.NEWER, newer.group(1))) : Optional.empty();
    }

    @Override
    public String toString() {
        return switch (rule) {
            case KEEP -> "keep";
            case OVERWRITE -> "overwrite";
            case NEWER -> "newer(" + newer + ")";
        };
    }
}
