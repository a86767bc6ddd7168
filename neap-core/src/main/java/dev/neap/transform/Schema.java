package dev.neap.transform;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a transform reads and writes. Neap compares it with the live tables when it plans. Immutable: each method yields
 * another.
 *
 * @param reads the columns of a row that is given, at least one
 * @param carries column of the walked table to column of the other table that is set to it, as it is; Neap does it
 * @param writes the columns that every new row has, at least one unless some are carried
 */
public record Schema(List<Column> reads, Map<String, String> carries, List<Column> writes) {
    /**
     * A column.
     *
     * @param name as the catalog has it, without quotes
     */
    public record Column(String name, Type type) {}

    public Schema {
        reads = List.copyOf(reads);
        carries = Collections.unmodifiableMap(new LinkedHashMap<>(carries));
        writes = List.copyOf(writes);
    }

    /** Nothing yet. */
    public static Schema create() {
        return new Schema(List.of(), Map.of(), List.of());
    }

    /** It reads this column of the walked table, too. */
    public Schema reads(String column, Type type) {
        return new Schema(with(reads, column, type, "read"), carries, writes);
    }

    /** It writes this column of the table that is filled, too. */
    public Schema writes(String column, Type type) {
        return new Schema(reads, carries, with(writes, column, type, "written"));
    }

    /**
     * A column of the other table is set to one of the walked table as it is. Each column of the key must be carried: by it
     * a row is found again.
     */
    public Schema carries(String column, String as) {
        Map<String, String> more = new LinkedHashMap<>(carries);
        if (more.put(column, as) != null || Collections.frequency(List.copyOf(more.values()), as) > 1) {
            throw new IllegalArgumentException("the column " + column + " or " + as + " is carried twice");
        }
        return new Schema(reads, more, writes);
    }

    /** Every column of the filled table that is set: those that are carried, and those that are written. */
    public List<String> sets() {
        List<String> all = new ArrayList<>(carries.values());
        writes.forEach(column -> all.add(column.name()));
        return all;
    }

    private static List<Column> with(List<Column> columns, String name, Type type, String what) {
        if (columns.stream().anyMatch(column -> column.name().equals(name))) {
            throw new IllegalArgumentException("the column " + name + " is " + what + " twice");
        }
        List<Column> more = new ArrayList<>(columns);
        more.add(new Column(name, type));
        return more;
    }
}
