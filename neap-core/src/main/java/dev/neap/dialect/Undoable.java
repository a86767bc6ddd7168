package dev.neap.dialect;

import org.jspecify.annotations.Nullable;

/**
 * Whether one replaced partition can be put back.
 *
 * @param keptBytes about what the old one occupies, zero or more
 * @param changes about how many writes since its swap are to be carried over, zero or more
 * @param refusal why it cannot be; null when it can
 * @param seen what was seen of the reason; empty when nothing more is known
 */
public record Undoable(
        long keptBytes, long changes, @Nullable UndoRefusal refusal, String seen) {}
