package dev.neap.testkit.fill;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The key of a history's tables, of one kind and in the words of one engine. */
record Keys(KeyKind kind, Words words) {
    List<String> parts(long n) {
        return kind.parts(n).stream().map(part -> words.keyPart(kind, part)).toList();
    }

    Key key(long n) {
        return new Key(n, parts(n));
    }

    List<String> columns() {
        return kind.columns();
    }

    /** Whether bounds can be written as numbers. */
    boolean numbers() {
        return kind.numbers();
    }

    /** `a, b`. */
    String list() {
        return String.join(", ", columns());
    }

    /** Each column's text, to be read back. */
    String texts() {
        return each(i -> words.keyText(kind, columns().get(i)), ", ");
    }

    /** The column definitions. */
    String ddl() {
        return each(i -> columns().get(i) + " " + words.keyType(kind, i) + " NOT NULL", ", ");
    }

    /** A placeholder for each column. */
    String places() {
        return each(i -> words.keyParameter(kind, i), ", ");
    }

    /** True of the row with the key that is given. */
    String matches() {
        return each(i -> columns().get(i) + " = " + words.keyParameter(kind, i), " AND ");
    }

    /** Gives the key that is given. */
    String assigns() {
        return each(i -> columns().get(i) + " = " + words.keyParameter(kind, i), ", ");
    }

    private String each(IntFunction<String> one, String between) {
        return IntStream.range(0, columns().size()).mapToObj(one).collect(Collectors.joining(between));
    }

    @Override
    public String toString() {
        return kind.name();
    }
}
