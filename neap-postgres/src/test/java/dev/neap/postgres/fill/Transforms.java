package dev.neap.postgres.fill;

import dev.neap.transform.BatchTransform;
import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Transforms as users write them, good and bad. */
public final class Transforms {
    static final Class<?>[] ALL = {
        Transforms.class,
        Split.class,
        Cents.class,
        Once.class,
        Tags.class,
        Naughty.class,
        Service.class,
        Types.class,
        Hangs.class,
        Band.class
    };

    private Transforms() {}

    /** One row to one. */
    public static final class Split implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create()
                    .reads("full_name", Type.TEXT)
                    .carries("id", "id")
                    .writes("first_name", Type.TEXT)
                    .writes("last_name", Type.TEXT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            String[] names = String.valueOf(row.text("full_name")).split(" ", 2);
            return List.of(NewRow.of("first_name", names[0]).with("last_name", names.length == 2 ? names[1] : null));
        }
    }

    /** A column of the same table. */
    public static final class Cents implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create().reads("price", Type.INT).writes("cents", Type.LONG);
        }

        @Override
        public List<NewRow> transform(Row row) {
            Integer price = row.integer("price");
            return price == null ? List.of() : List.of(NewRow.of("cents", price * 100L));
        }
    }

    /** Reads what it writes, so it must not be applied twice. */
    public static final class Once implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create()
                    .reads("amount", Type.LONG)
                    .writes("amount", Type.LONG)
                    .writes("form", Type.INT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of(NewRow.of("form", 2).with("amount", Objects.requireNonNull(row.number("amount")) * 100));
        }
    }

    /** One row to many, or none. */
    public static final class Tags implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create()
                    .reads("tags", Type.TEXT)
                    .carries("id", "post_id")
                    .writes("tag", Type.TEXT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            String tags = row.text("tags");
            return tags == null || tags.isEmpty()
                    ? List.of()
                    : Arrays.stream(tags.split(",", -1))
                            .map(tag -> NewRow.of("tag", tag))
                            .toList();
        }
    }

    /** Fails in every way there is, as the row's name says. */
    public static final class Naughty implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create().reads("name", Type.TEXT).carries("id", "id").writes("name", Type.TEXT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            String name = String.valueOf(row.text("name"));
            return switch (name) {
                case "throws" -> throw new IllegalStateException("no such\nname");
                case "error" -> throw new StackOverflowError();
                case "type" -> List.of(NewRow.of("name", 7));
                case "column" -> List.of(NewRow.of("nome", name));
                case "more" -> List.of(NewRow.of("name", name).with("nome", name));
                case "many" -> List.of(NewRow.of("name", name), NewRow.of("name", name));
                case "null" -> List.of(NewRow.of("name", null));
                case "long" -> List.of(NewRow.of("name", "far too long a name"));
                case "zero" -> List.of(NewRow.of("name", "a\0b"));
                default -> List.of(NewRow.of("name", name));
            };
        }
    }

    /** For whole batches, with one bad row. */
    public static final class Service implements BatchTransform {
        @Override
        public Schema schema() {
            return Schema.create().reads("name", Type.TEXT).carries("id", "id").writes("name", Type.TEXT);
        }

        @Override
        public List<List<NewRow>> transform(List<Row> rows) throws Exception {
            List<List<NewRow>> all = new ArrayList<>();
            for (Row row : rows) {
                if ("throws".equals(row.text("name"))) {
                    throw new java.io.IOException("the service says no");
                }
                all.add(List.of(NewRow.of("name", row.text("name") + " of " + (rows.size() > 1 ? "many" : "one"))));
            }
            return all;
        }
    }

    /** Every type, there and back. */
    public static final class Types implements RowTransform {
        @Override
        public Schema schema() {
            Schema schema = Schema.create();
            for (Type type : Type.values()) {
                String column = type.name().toLowerCase(java.util.Locale.ROOT);
                schema = schema.reads("a_" + column, type).writes("b_" + column, type);
            }
            return schema;
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of(NewRow.of("b_boolean", row.bool("a_boolean"))
                    .with("b_int", row.integer("a_int"))
                    .with("b_long", row.number("a_long"))
                    .with("b_double", row.real("a_double"))
                    .with("b_decimal", row.decimal("a_decimal"))
                    .with("b_text", row.text("a_text"))
                    .with("b_date", row.date("a_date"))
                    .with("b_timestamp", row.timestamp("a_timestamp"))
                    .with("b_instant", row.instant("a_instant"))
                    .with("b_uuid", row.uuid("a_uuid"))
                    .with("b_bytes", row.bytes("a_bytes")));
        }
    }

    /** Never returns for one row. */
    public static final class Hangs implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create().reads("price", Type.INT).writes("cents", Type.LONG);
        }

        @Override
        public List<NewRow> transform(Row row) throws Exception {
            Integer price = Objects.requireNonNull(row.integer("price"));
            if (price < 0) {
                TimeUnit.HOURS.sleep(1);
            }
            return List.of(NewRow.of("cents", price * 100L));
        }
    }

    /** How late a flight left, in words. */
    public static final class Band implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create().reads("delay", Type.INT).writes("delay_band", Type.TEXT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            int delay = Objects.requireNonNull(row.integer("delay"));
            String band = delay <= 0 ? "on time" : delay < 15 ? "short" : delay < 60 ? "long" : "very long";
            return List.of(NewRow.of("delay_band", band));
        }
    }
}
