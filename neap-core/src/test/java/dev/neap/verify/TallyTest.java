package dev.neap.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.Difference;
import dev.neap.dialect.Difference.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts as mended. */
class TallyTest {
    private final Tally tally = new Tally();

    private static Difference of(Kind kind, String column) {
        return new Difference(kind, List.of("5"), List.of(column), "", "");
    }

    @Test
    void a_row_that_was_put_in_and_is_wrong_is_not_mended() {
        tally.differs(List.of(of(Kind.MISSING, "a")), List.of(of(Kind.WRONG, "b")), 0);

        assertThat(tally.differences().get(Kind.MISSING)).isEqualTo(1);
        assertThat(tally.mended().get(Kind.MISSING)).isZero();
        assertThat(tally.named()).containsExactly(Mismatch.of(of(Kind.WRONG, "b")));
    }

    @Test
    void of_several_each_that_is_gone_is_mended() {
        tally.differs(
                List.of(of(Kind.MISSING, "a"), of(Kind.WRONG, "b"), of(Kind.MISSING, "c")),
                List.of(of(Kind.WRONG, "b")),
                0);

        assertThat(tally.mended().get(Kind.MISSING)).isEqualTo(2);
        assertThat(tally.mended().get(Kind.WRONG)).isZero();
    }
}
