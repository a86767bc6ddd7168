package dev.neap.postgres.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.postgres.planning.Bound.Edge;
import org.junit.jupiter.api.Test;

class BoundTest {
    @Test
    void reads_bare_and_quoted_literals() {
        Bound bound = Bound.parse("FOR VALUES FROM (1, '-5', 'it''s, ) here') TO (2, 3.5, E'back\\\\slash')");

        assertThat(bound.lower()).containsExactly(new Edge(0, "1"), new Edge(0, "-5"), new Edge(0, "it's, ) here"));
        assertThat(bound.upper()).containsExactly(new Edge(0, "2"), new Edge(0, "3.5"), new Edge(0, "back\\slash"));
    }

    @Test
    void tells_an_unbounded_edge_from_a_value_of_that_name() {
        Bound bound = Bound.parse("FOR VALUES FROM (MINVALUE, 'MINVALUE') TO (MAXVALUE, '')");

        assertThat(bound.lower()).containsExactly(new Edge(-1, null), new Edge(0, "MINVALUE"));
        assertThat(bound.upper()).containsExactly(new Edge(1, null), new Edge(0, ""));
    }

    @Test
    void is_no_bound_of_another_kind() {
        assertThatThrownBy(() -> Bound.parse("FOR VALUES IN (1)")).hasMessage("not a RANGE bound: FOR VALUES IN (1)");
    }
}
