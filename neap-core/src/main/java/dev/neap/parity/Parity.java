package dev.neap.parity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How two databases compare.
 *
 * @param compared how many facts and figures were compared
 * @param differences the worst first, each kind in the order of the surveys
 * @param unseen what could not be looked at in one of the two, and why
 */
public record Parity(int compared, List<Difference> differences, List<String> unseen) {
    private static final String NONE = "-";

    public Parity {
        differences = List.copyOf(differences);
        unseen = List.copyOf(unseen);
    }

    /** Whether a rehearsal on the one says nothing about the other. */
    public boolean worthless() {
        return differences.stream().anyMatch(difference -> difference.weight() == Weight.WORTHLESS);
    }

    /**
     * Compares.
     *
     * @param from where the rehearsal is
     * @param to where the run will be
     */
    public static Parity of(Survey from, Survey to) {
        List<Difference> differences = new ArrayList<>();
        int compared = facts(from, to, differences) + figures(from, to, differences);
        differences.sort(Comparator.comparing(Difference::weight));
        Set<String> unseen = new TreeSet<>();
        from.unseen().forEach(what -> unseen.add("from: " + what));
        to.unseen().forEach(what -> unseen.add("to: " + what));
        return new Parity(compared, differences, List.copyOf(unseen));
    }

    private static int facts(Survey from, Survey to, List<Difference> differences) {
        Map<String, Fact> here = byName(from.facts(), fact -> fact.topic() + "\u0000" + fact.name());
        Map<String, Fact> there = byName(to.facts(), fact -> fact.topic() + "\u0000" + fact.name());
        Set<String> names = new LinkedHashSet<>(here.keySet());
        names.addAll(there.keySet());
        for (String name : names) {
            Fact one = here.get(name);
            Fact other = there.get(name);
            Fact any = one == null ? Objects.requireNonNull(other) : one;
            if (one == null || other == null || !one.value().equals(other.value())) {
                differences.add(new Difference(any.topic(), any.name(), shown(one), shown(other), any.weight()));
            }
        }
        return names.size();
    }

    /** A figure that was not measured on one side is among the unseen. */
    private static int figures(Survey from, Survey to, List<Difference> differences) {
        Map<String, Figure> there = byName(to.figures(), figure -> figure.topic() + "\u0000" + figure.name());
        int compared = 0;
        for (Figure one : from.figures()) {
            Figure other = there.get(one.topic() + "\u0000" + one.name());
            if (other == null) {
                continue;
            }
            compared++;
            double low = Math.max(one.floor(), Math.min(one.value(), other.value()));
            double high = Math.max(one.floor(), Math.max(one.value(), other.value()));
            double times = high / low;
            if (times >= one.matters()) {
                differences.add(new Difference(
                        one.topic(),
                        one.name(),
                        shown(one),
                        shown(other),
                        times >= one.worthless() ? Weight.WORTHLESS : Weight.MATTERS));
            }
        }
        return compared;
    }

    private static <T> Map<String, T> byName(List<T> all, Function<T, String> name) {
        return all.stream().collect(Collectors.toMap(name, one -> one, (first, second) -> first, LinkedHashMap::new));
    }

    private static String shown(@Nullable Fact fact) {
        return fact == null ? NONE : fact.value();
    }

    private static String shown(Figure figure) {
        String pattern = figure.value() >= 100 || figure.value() == Math.rint(figure.value()) ? "%,.0f %s" : "%,.2f %s";
        return String.format(Locale.ROOT, pattern, figure.value(), figure.unit())
                .strip();
    }
}
