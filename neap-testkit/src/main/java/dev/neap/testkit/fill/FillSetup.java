package dev.neap.testkit.fill;

import java.util.SplittableRandom;

/**
 * What a seed decides.
 *
 * @param upserts the application puts a row that is not in the target there, where a plain one updates what is there
 * @param bounded the fill has bounds of the key, {@link #FROM} and {@link #TO}
 * @param rows how many rows the source has at first
 * @param rate rows a second at which the fill may go; 0 for no ceiling
 * @param trigger the application writes the source alone, and a trigger stands in for it; the target is empty at first
 */
record FillSetup(
        FillShape shape,
        Conflict conflict,
        Keys keys,
        boolean upserts,
        boolean bounded,
        int rows,
        int batchRows,
        int rate,
        int writers,
        int workers,
        boolean trigger) {
    /** Rows that are there at first have these numbers. */
    static final long FIRST = 100_000;

    static final long LAST = 600_000;
    /** The bounds of a bounded fill. */
    static final long FROM = 150_000;

    static final long TO = 520_000;
    /** All numbers that can be drawn are less. */
    static final long END = 900_000;

    static FillSetup of(FillShape shape, Words words, SplittableRandom random) {
        Conflict conflict =
                shape.conflicts().get(random.nextInt(shape.conflicts().size()));
        KeyKind[] kinds = KeyKind.values();
        Keys keys = new Keys(kinds[random.nextInt(kinds.length)], words);
        boolean bounded = shape.otherTable() && keys.numbers() && random.nextInt(3) > 0;
        int rows = random.nextInt(900, 2_000);
        return new FillSetup(
                shape,
                conflict,
                keys,
                random.nextInt(3) == 0,
                bounded,
                rows,
                random.nextInt(10, 90),
                random.nextInt(4) == 0 ? 0 : rows / 3 + 100,
                random.nextInt(3, 6),
                random.nextInt(1, 4),
                false);
    }

    FillSetup byTrigger() {
        return new FillSetup(shape, conflict, keys, upserts, bounded, rows, batchRows, rate, writers, workers, true);
    }

    /** Whether a row of this key is the fill's to make. */
    boolean filled(Key key) {
        return !bounded || (key.ordinal() >= FROM && key.ordinal() < TO);
    }

    @Override
    public String toString() {
        return shape + ", " + conflict.written() + ", key " + keys + (bounded ? " in bounds" : "") + ", " + rows
                + " rows at first, batches of " + batchRows + ", rate " + (rate == 0 ? "none" : rate) + ", " + writers
                + (trigger ? " writers of the source alone, " : upserts ? " upserting writers, " : " writers, ")
                + workers + " workers";
    }
}
