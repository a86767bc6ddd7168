package dev.neap.verify;

import dev.neap.dialect.Difference;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.SecondWrites;
import dev.neap.dialect.TableVerifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Two sides in memory: number to value. A value may stand for a row that cannot be computed. */
final class FakeTable implements TableVerifier {
    static final String POISON = "poison";

    final NavigableMap<Integer, String> expected = new TreeMap<>();
    final NavigableMap<Integer, String> actual = new TreeMap<>();
    final Set<Integer> locked = new HashSet<>();
    final Set<Integer> written = new HashSet<>();
    /** A part of more rows takes too long. */
    int mostRows = Integer.MAX_VALUE;

    Runnable beforeAgain = () -> {};
    Runnable beforeCompare = () -> {};
    int allPlaces = 100_000;
    final List<Part> compared = new ArrayList<>();
    int mostInOneLook;
    int mostCompared;

    static FakeTable of(int rows) {
        FakeTable table = new FakeTable();
        for (int i = 1; i <= rows; i++) {
            table.expected.put(i, "v" + i);
            table.actual.put(i, "v" + i);
        }
        return table;
    }

    @Override
    public Ground ground() {
        return new Ground("");
    }

    private static NavigableMap<Integer, String> in(NavigableMap<Integer, String> side, Part part) {
        NavigableMap<Integer, String> inside = side;
        if (part.after() != null && part.after().equals(part.upTo())) {
            return new TreeMap<>();
        }
        if (part.after() != null) {
            inside = inside.tailMap(number(part.after()), false);
        }
        if (part.upTo() != null) {
            inside = inside.headMap(number(part.upTo()), true);
        }
        return inside;
    }

    private static Integer number(List<String> key) {
        return Integer.valueOf(key.get(0));
    }

    @Override
    public String shape() {
        return "shape";
    }

    @Override
    public Optional<List<String>> last() {
        return Stream.of(expected, actual)
                .filter(side -> !side.isEmpty())
                .map(NavigableMap::lastKey)
                .max(Integer::compare)
                .map(key -> List.of(key.toString()));
    }

    @Override
    public Optional<List<String>> upper(Part part, int rows) {
        List<Integer> ends = new ArrayList<>();
        for (NavigableMap<Integer, String> side : List.of(expected, actual)) {
            in(side, part).keySet().stream().skip(rows - 1L).findFirst().ifPresent(ends::add);
        }
        return ends.stream().min(Integer::compare).map(end -> List.of(end.toString()));
    }

    @Override
    public Compared compare(Part part) {
        beforeCompare.run();
        compared.add(part);
        NavigableMap<Integer, String> e = in(expected, part);
        NavigableMap<Integer, String> a = in(actual, part);
        mostCompared = Math.max(mostCompared, Math.max(e.size(), a.size()));
        if (e.size() > mostRows) {
            throw new NeapException(NeapException.Kind.RETRY, "too slow");
        }
        return new Compared(e.size(), a.size(), 0, e.equals(a), e.containsValue(POISON) ? "bad data" : "");
    }

    /** The one aggregate of its values is their length. */
    @Override
    public Compared aggregates(Part part) {
        Compared compared = compare(part);
        NavigableMap<Integer, String> e = in(expected, part);
        NavigableMap<Integer, String> a = in(actual, part);
        return new Compared(
                compared.expected(),
                compared.actual(),
                0,
                e.size() == a.size() && length(e) == length(a),
                compared.bad());
    }

    private static int length(NavigableMap<Integer, String> side) {
        return side.values().stream().mapToInt(String::length).sum();
    }

    @Override
    public List<Difference> differences(Part part) {
        TreeSet<Integer> all = new TreeSet<>(in(expected, part).keySet());
        all.addAll(in(actual, part).keySet());
        List<Difference> found = new ArrayList<>();
        mostInOneLook = Math.max(mostInOneLook, all.size());
        all.forEach(key -> difference(key).ifPresent(found::add));
        return found;
    }

    private Optional<Difference> difference(Integer key) {
        String e = expected.get(key);
        String a = actual.get(key);
        List<String> id = List.of(key.toString());
        if (POISON.equals(e)) {
            return Optional.of(new Difference(Difference.Kind.FAILED, id, List.of(), "bad data", "bad data"));
        }
        String seen = e + "/" + a;
        if (e == null ? a == null : e.equals(a)) {
            return Optional.empty();
        }
        Difference.Kind kind =
                e == null ? Difference.Kind.EXTRA : a == null ? Difference.Kind.MISSING : Difference.Kind.WRONG;
        return Optional.of(
                new Difference(kind, id, kind == Difference.Kind.WRONG ? List.of("v") : List.of(), "", seen));
    }

    @Override
    public Looked look(List<List<String>> keys, boolean lock) {
        if (lock) {
            beforeAgain.run();
        }
        Set<List<String>> busy = new HashSet<>();
        Map<List<String>, List<Difference>> differing = new HashMap<>();
        for (List<String> key : keys) {
            if (lock && locked.contains(number(key))) {
                busy.add(key);
            }
            difference(number(key)).ifPresent(one -> differing.put(key, List.of(one)));
        }
        return new Looked(busy, differing);
    }

    @Override
    public long rows() {
        return expected.size();
    }

    @Override
    public List<List<String>> pick(int places, RandomGenerator random) {
        List<Integer> keys = new ArrayList<>();
        for (int i = 0; i < places; i++) {
            int place = random.nextInt(allPlaces);
            if (expected.containsKey(place)) {
                keys.add(place);
            }
        }
        return keys.stream().sorted().map(key -> List.of(key.toString())).toList();
    }

    @Override
    public String moment() {
        return "now";
    }

    @Override
    public List<List<String>> written(Part part, String since) {
        TreeSet<Integer> all = new TreeSet<>(in(expected, part).keySet());
        all.addAll(in(actual, part).keySet());
        all.retainAll(written);
        return all.stream().map(key -> List.of(key.toString())).toList();
    }

    /** Every second row was written in both places. */
    @Override
    public SecondWrites writes(List<List<String>> keys, String since) {
        long both = keys.stream().filter(key -> number(key) % 2 == 0).count();
        return new SecondWrites(keys.size(), both, 0, Duration.ofMillis(number(keys.get(0))));
    }

    @Override
    public void close() {}
}
