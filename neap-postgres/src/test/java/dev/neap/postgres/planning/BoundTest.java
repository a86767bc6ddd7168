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
    void reads_the_values_of_a_list_and_the_remainder_of_a_hash() {
        assertThat(Bound.parse("FOR VALUES IN ('a, ''b''', 'NULL', NULL, true, B'101')")
                        .lower())
                .containsExactly(
                        new Edge(0, "a, 'b'"),
                        new Edge(0, "NULL"),
                        new Edge(0, null),
                        new Edge(0, "true"),
                        new Edge(0, "101"));
        assertThat(Bound.parse("FOR VALUES WITH (modulus 8, remainder 3)").lower())
                .containsExactly(new Edge(0, "3"));
    }

    @Test
    void is_no_bound_of_another_kind() {
        assertThatThrownBy(() -> Bound.parse("DEFAULT")).hasMessage("not a partition's bound: DEFAULT");
    }
}
