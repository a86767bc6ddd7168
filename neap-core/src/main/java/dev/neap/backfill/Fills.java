package dev.neap.backfill;

import java.util.List;

/**
 * Fills of several tables in one backfill, one after another.
 *
 * @param all the fills, at least two; from a plan in the order in which they are done, from a file in the file's
 * @param part which of them is meant where one is, from 1
 */
public record Fills(List<Fill> all, int part) implements Strategy {
    public Fills {
        all = List.copyOf(all);
        if (all.size() < 2 || part < 1 || part > all.size()) {
            throw new IllegalArgumentException("part " + part + " of " + all.size() + " fills");
        }
    }

    /** The one that is meant. */
    Fill fill() {
        return all.get(part - 1);
    }

    @Override
    public TableName table() {
        return fill().into();
    }
}
