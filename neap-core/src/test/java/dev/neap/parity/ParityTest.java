package dev.neap.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What differs, and what of it makes a rehearsal worthless. */
class ParityTest {
    private static final Fact FSYNC = new Fact("settings", "fsync", "on", Weight.WORTHLESS);
    private static final Fact WORK = new Fact("settings", "work_mem", "4MB", Weight.MATTERS);

    private static Fact with(Fact fact, String value) {
        return new Fact(fact.topic(), fact.name(), value, fact.weight());
    }

    private static Figure commit(double value) {
        return new Figure("speed", "commit, p99", value, "ms", 1, 1.5, 5);
    }

    private static Survey survey(List<Fact> facts, Figure... figures) {
        return new Survey(facts, List.of(figures), List.of());
    }

    @Test
    void two_that_are_alike_differ_in_nothing() {
        Survey survey = survey(List.of(FSYNC, WORK), commit(3));

        assertThat(Parity.of(survey, survey)).isEqualTo(new Parity(3, List.of(), List.of()));
    }

    @Test
    void the_worst_comes_first_and_what_is_there_alone_is_a_difference_too() {
        Fact index = new Fact("schema", "users by_name", "btree (name)", Weight.WORTHLESS);
        Fact extension = new Fact("extensions", "pg_trgm", "1.6", Weight.NOTE);

        Parity parity =
                Parity.of(survey(List.of(extension, WORK, FSYNC)), survey(List.of(with(WORK, "64MB"), FSYNC, index)));

        assertThat(parity.differences())
                .containsExactly(
                        new Difference("schema", "users by_name", "-", "btree (name)", Weight.WORTHLESS),
                        new Difference("settings", "work_mem", "4MB", "64MB", Weight.MATTERS),
                        new Difference("extensions", "pg_trgm", "1.6", "-", Weight.NOTE));
        assertThat(parity.worthless()).isTrue();
    }

    @Test
    void a_figure_differs_by_how_many_times_as_much_whichever_is_more() {
        assertThat(weights(10, 14)).isEmpty();
        assertThat(weights(10, 15)).containsExactly(Weight.MATTERS);
        assertThat(weights(15, 10)).containsExactly(Weight.MATTERS);
        assertThat(weights(50, 10)).containsExactly(Weight.WORTHLESS);
    }

    @Test
    void below_its_floor_nobody_can_tell_two_figures_apart() {
        assertThat(weights(0.01, 0.9)).isEmpty();
        assertThat(weights(0, 1.4)).isEmpty();
        assertThat(weights(0, 1.6)).containsExactly(Weight.MATTERS);
    }

    private static List<Weight> weights(double from, double to) {
        return Parity.of(survey(List.of(), commit(from)), survey(List.of(), commit(to))).differences().stream()
                .map(Difference::weight)
                .toList();
    }

    @Test
    void what_could_not_be_looked_at_is_no_difference_and_is_said() {
        Parity parity = Parity.of(survey(List.of(), commit(1)), new Survey(List.of(), List.of(), List.of("no probe")));

        assertThat(parity.differences()).isEmpty();
        assertThat(parity.compared()).isZero();
        assertThat(parity.unseen()).containsExactly("to: no probe");
        assertThat(Parity.of(new Survey(List.of(), List.of(), List.of("no probe")), survey(List.of()))
                        .unseen())
                .containsExactly("from: no probe");
    }

    @Test
    void a_name_means_one_thing_in_each_topic() {
        Fact schema = new Fact("schema", "users", "a table", Weight.MATTERS);
        Fact plans = new Fact("plans", "users", "by users_pkey", Weight.WORTHLESS);

        assertThat(Parity.of(survey(List.of(schema, plans)), survey(List.of(schema, with(plans, "by Seq Scan"))))
                        .differences())
                .containsExactly(new Difference("plans", "users", "by users_pkey", "by Seq Scan", Weight.WORTHLESS));
    }

    @Test
    void two_surveys_of_one_database_are_compared_whole() {
        Survey one = new Survey(List.of(FSYNC), List.of(), List.of("how much is free"));
        Survey both = one.and(new Survey(List.of(WORK), List.of(commit(3)), List.of("no probe")));

        Parity parity = Parity.of(both, survey(List.of(FSYNC, with(WORK, "64MB")), commit(9)));

        assertThat(parity.differences()).extracting(Difference::name).containsExactly("work_mem", "commit, p99");
        assertThat(parity.unseen()).containsExactly("from: how much is free", "from: no probe");
    }
}
