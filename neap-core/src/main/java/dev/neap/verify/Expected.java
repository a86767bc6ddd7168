package dev.neap.verify;

import dev.neap.backfill.DualWrite;
import dev.neap.backfill.Fill;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.transform.TransformSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is expected of a filled table: itself a fill, whose expressions are those of the file, but for the columns that have
 * an expectation of their own.
 *
 * @param fill what would make the expected rows
 * @param claims what each column's expectation rests on
 * @param whole whether it has all columns that the fill writes
 * @param notes what is not compared, in words
 */
record Expected(Fill fill, List<Claim> claims, boolean whole, List<String> notes) {
    /**
     * @param expect the file's own expectations: column to SQL
     * @throws NeapException USAGE where a transform in Java would have to be asked
     */
    static Expected of(Fill fill, Map<String, String> expect) {
        Map<String, String> set = new LinkedHashMap<>(fill.set());
        TransformSource transform = fill.transform();
        if (transform != null) {
            // What is carried over needs no expectation of its own: it is the walked row's column.
            transform.schema().carries().forEach((column, into) -> set.put(into, quoted(column)));
        }
        List<String> own = new ArrayList<>(set.keySet());
        set.putAll(expect);
        own.removeAll(expect.keySet());
        requireAll(fill, set);
        List<String> notes = new ArrayList<>();
        boolean byExpectAlone = fill.alreadyRight() != null && !expect.isEmpty();
        if (byExpectAlone && !own.isEmpty()) {
            // The transform may not be applied to a row that already_right calls right: there it says nothing.
            own.forEach(set::remove);
            notes.add("not compared: " + String.join(", ", own) + ", for which fill.expect has nothing");
            own.clear();
        }
        List<Claim> claims = new ArrayList<>();
        if (!own.isEmpty()) {
            claims.add(new Claim(own, Claim.Basis.TRANSFORM));
        }
        if (!expect.isEmpty()) {
            claims.add(new Claim(List.copyOf(expect.keySet()), Claim.Basis.EXPECT));
        }
        return new Expected(
                new Fill(
                        fill.from(),
                        fill.into(),
                        fill.key(),
                        fill.keys(),
                        fill.where(),
                        set,
                        fill.reads(),
                        fill.conflict(),
                        byExpectAlone ? null : fill.alreadyRight(),
                        null,
                        DualWrite.APPLICATION),
                claims,
                set.keySet().containsAll(fill.columns()),
                notes);
    }

    /**
     * The same, where rows are compared that somebody wrote while a fill was watched. Where it is the application that writes
     * both places, the transform is held against what the application made of it.
     */
    Expected ofWritten(Fill declared) {
        if (declared.dualWrite() != DualWrite.APPLICATION) {
            return this;
        }
        return new Expected(
                fill,
                claims.stream()
                        .map(claim -> claim.basis() == Claim.Basis.TRANSFORM
                                ? new Claim(claim.columns(), Claim.Basis.APPLICATION)
                                : claim)
                        .toList(),
                whole,
                notes);
    }

    private static void requireAll(Fill fill, Map<String, String> set) {
        List<String> without = fill.columns().stream()
                .filter(column -> !set.containsKey(column))
                .toList();
        if (!without.isEmpty()) {
            throw new NeapException(
                    Kind.USAGE,
                    "not in this version: a transform in Java asked again by a verification. Write what is expected of "
                            + String.join(", ", without) + " as SQL into expect, under fill");
        }
    }

    private static String quoted(String column) {
        return '"' + column.replace("\"", "\"\"") + '"';
    }
}
