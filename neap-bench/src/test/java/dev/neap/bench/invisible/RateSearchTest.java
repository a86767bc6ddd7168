package dev.neap.bench.invisible;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** How the best fixed rate is looked for. */
class RateSearchTest {
    private final List<Long> tried = new ArrayList<>();

    /** On a server where up to so many rows per second are not felt, and so many can be written. */
    private OptionalLong best(long first, long unfelt, long most, int steps) {
        RateSearch search = new RateSearch(first, 1.1, steps);
        for (OptionalLong rate = search.next(); rate.isPresent(); rate = search.next()) {
            long reached = Math.min(most, rate.getAsLong());
            tried.add(rate.getAsLong());
            search.measured(rate.getAsLong(), reached <= unfelt ? 1.05 : 1.5, reached);
        }
        return search.best();
    }

    @Test
    void it_doubles_and_then_goes_to_the_middle() {
        assertEquals(OptionalLong.of(5_657), best(1_000, 6_000, 100_000, 5));
        assertEquals(List.of(1_000L, 2_000L, 4_000L, 8_000L, 5_657L), tried);
    }

    @Test
    void it_halves_where_the_first_is_felt() {
        assertEquals(OptionalLong.of(2_500), best(10_000, 2_900, 100_000, 3));
        assertEquals(List.of(10_000L, 5_000L, 2_500L), tried);
    }

    @Test
    void it_ends_where_two_are_too_near_to_tell_apart() {
        best(1_000, 1_500, 100_000, 100);

        assertEquals(List.of(1_000L, 2_000L, 1_414L, 1_682L), tried);
    }

    @Test
    void it_ends_where_no_more_can_be_written() {
        assertEquals(OptionalLong.of(3_000), best(1_000, 50_000, 3_000, 100));
        assertEquals(List.of(1_000L, 2_000L, 4_000L), tried);
    }

    @Test
    void where_every_rate_is_felt_there_is_none() {
        assertEquals(OptionalLong.empty(), best(4, 0, 100, 100));
        assertEquals(List.of(4L, 2L, 1L), tried);
    }
}
