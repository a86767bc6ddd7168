package dev.neap.testkit.fill;

import dev.neap.testkit.Jars;
import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.Type;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** What the histories fill, in Java; each makes the very rows that the expressions of its shape make. */
public final class HistoryTransforms {
    private HistoryTransforms() {}

    /** A jar with all of them. */
    public static Path jar(Path file) throws IOException {
        return Jars.write(
                file,
                HistoryTransforms.class,
                Names.class,
                Unsigned.class,
                Once.class,
                Customers.class,
                CustomersOfTwo.class,
                Tags.class,
                TagsOfTwo.class);
    }

    private static NewRow named(Row row) {
        String[] names = Objects.requireNonNull(row.text("full_name")).split(" ", 3);
        return NewRow.of("first_name", names[0])
                .with("last_name", names.length > 1 ? names[1] : "")
                .with("seen_version", row.number("version"));
    }

    private static Schema names(Schema begun) {
        return begun.reads("full_name", Type.TEXT)
                .reads("version", Type.LONG)
                .writes("first_name", Type.TEXT)
                .writes("last_name", Type.TEXT)
                .writes("seen_version", Type.LONG);
    }

    /** A name is split in its own row. */
    public static class Unsigned implements RowTransform {
        @Override
        public Schema schema() {
            return names(Schema.create());
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of(named(row));
        }
    }

    /** The same, signed. */
    public static final class Names extends Unsigned {
        @Override
        public Schema schema() {
            return super.schema().writes("written_by", Type.TEXT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of(named(row).with("written_by", "neap"));
        }
    }

    /** An amount is turned into hundredths. */
    public static final class Once implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create()
                    .reads("amount", Type.LONG)
                    .writes("amount", Type.LONG)
                    .writes("form", Type.INT)
                    .writes("written_by", Type.TEXT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of(NewRow.of("amount", Objects.requireNonNull(row.number("amount")) * 100)
                    .with("form", 2)
                    .with("written_by", "neap"));
        }
    }

    /** Persons become customers. */
    public static class Customers implements RowTransform {
        Schema key(Schema begun) {
            return begun.carries("k", "k");
        }

        @Override
        public final Schema schema() {
            return names(key(Schema.create()))
                    .reads("updated_at", Type.INSTANT)
                    .writes("updated_at", Type.INSTANT)
                    .writes("written_by", Type.TEXT);
        }

        @Override
        public final List<NewRow> transform(Row row) {
            return List.of(
                    named(row).with("updated_at", row.instant("updated_at")).with("written_by", "neap"));
        }
    }

    /** The same with a key of two columns. */
    public static final class CustomersOfTwo extends Customers {
        @Override
        Schema key(Schema begun) {
            return begun.carries("a", "a").carries("b", "b");
        }
    }

    /** Each tag becomes a row. */
    public static class Tags implements RowTransform {
        Schema key(Schema begun) {
            return begun.carries("k", "k");
        }

        @Override
        public final Schema schema() {
            return key(Schema.create())
                    .reads("tags", Type.TEXT)
                    .reads("version", Type.LONG)
                    .writes("tag", Type.TEXT)
                    .writes("seen_version", Type.LONG)
                    .writes("written_by", Type.TEXT);
        }

        @Override
        public final List<NewRow> transform(Row row) {
            String array = Objects.requireNonNull(row.text("tags"));
            return array.equals("{}")
                    ? List.of()
                    : Arrays.stream(array.substring(1, array.length() - 1).split(",", -1))
                            .map(tag -> NewRow.of("tag", tag)
                                    .with("seen_version", row.number("version"))
                                    .with("written_by", "neap"))
                            .toList();
        }
    }

    /** The same with a key of two columns. */
    public static final class TagsOfTwo extends Tags {
        @Override
        Schema key(Schema begun) {
            return begun.carries("a", "a").carries("b", "b");
        }
    }
}
