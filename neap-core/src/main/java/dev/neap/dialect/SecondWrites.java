package dev.neap.dialect;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How rows that agree came into both places.
 *
 * @param rows how many there are
 * @param both how many of them were written in both places since the moment from which writes are watched
 * @param together how many of these by one transaction
 * @param longest the longest time from the commit of one of the two writes to that of the other; null where the server does
 *     not know when its transactions committed, or there is no such row
 */
public record SecondWrites(
        long rows, long both, long together, @Nullable Duration longest) {
    /** Of no row. */
    public static final SecondWrites NONE = new SecondWrites(0, 0, 0, null);

    /** Of these and of other rows. */
    public SecondWrites and(SecondWrites other) {
        return new SecondWrites(
                rows + other.rows, both + other.both, together + other.together, longer(longest, other.longest));
    }

    private static @Nullable Duration longer(@Nullable Duration one, @Nullable Duration other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) < 0 ? other : one;
    }
}
