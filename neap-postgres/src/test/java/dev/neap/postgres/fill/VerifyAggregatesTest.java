package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.TableVerifier;
import dev.neap.dialect.TableVerifier.Compared;
import dev.neap.dialect.TableVerifier.Part;
import dev.neap.verify.Claim;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** What aggregates find of what somebody spoiled, what they cannot find, and that writers beside them raise no alarm. */
class VerifyAggregatesTest {
    private static final String ITEM = """
            fill:
              from: item_old
              into: item
              set: { id: id, name: name, price: price, weight: weight, at: at, kind: kind, done: done, data: data }
            """;

    /** Kind, key and columns of each row that was named. */
    private static List<String> found(FillDatabase db) throws Exception {
        return found(db.verify(ITEM, VerifyRequest.AGGREGATES));
    }

    private static List<String> found(VerifyReport report) {
        TableReport table = report.tables().get(0);
        assertThat(report.proved()).isEqualTo(table.differing() == 0);
        assertThat(table.scope()).isEqualTo(VerifyRequest.Scope.AGGREGATES);
        return table.named().stream()
                .map(m -> (m.kind() + " " + String.join(",", m.key()) + " " + String.join(",", m.columns())).strip())
                .toList();
    }

    /** Whether both sides have the same, of all rows at once: a part that is halved for nothing would be seen as well. */
    private static boolean same(FillDatabase db, BiFunction<TableVerifier, Part, Compared> by) throws Exception {
        try (TableVerifier bench =
                PostgresTableVerifier.open(db.connect(), db.backfill(ITEM).fill(), OptionalLong.empty(), 500)) {
            return by.apply(bench, Part.ALL).same();
        }
    }

    /** The target has its rows in another order, other scales and collations, and zeros of the other sign. */
    private static FillDatabase items() throws Exception {
        FillDatabase db = FillDatabase.create();
        db.execute(
                "CREATE TABLE item_old (id int PRIMARY KEY, name text, price numeric, weight float8, at timestamptz,"
                        + " kind char(3), done boolean, data json)",
                "CREATE TABLE item (id bigint PRIMARY KEY, name text COLLATE \"en-x-icu\", price numeric,"
                        + " weight float8, at timestamptz, kind char(9), done boolean, data jsonb)",
                "INSERT INTO item_old SELECT n, CASE n % 7 WHEN 0 THEN NULL WHEN 1 THEN 'b' || n ELSE 'B' || n END,"
                        + " CASE n % 50 WHEN 0 THEN 'NaN' ELSE n / 8.0 END, CASE n % 60 WHEN 0 THEN '-0' WHEN 1 THEN 'NaN'"
                        + " WHEN 2 THEN 'Infinity' ELSE 0.1::float8 * n END, timestamptz '2001-01-01 00:00Z' + n *"
                        + " interval '1 hour', 'k' || n % 9, n % 2 = 0, json_build_object('b', n, 'a', 1.50)"
                        + " FROM generate_series(1, 4000) n",
                "INSERT INTO item SELECT id, name, price::numeric(20,6), weight + 0, at, kind, done, data FROM item_old"
                        + " ORDER BY -id");
        return db;
    }

    @Test
    void equal_rows_have_equal_aggregates_and_each_row_that_was_spoiled_is_named() throws Exception {
        try (FillDatabase db = items()) {
            assertThat(same(db, TableVerifier::aggregates)).isTrue();
            VerifyReport right = db.verify(ITEM, VerifyRequest.AGGREGATES);
            assertThat(found(right)).isEmpty();
            assertThat(right.tables().get(0).rows().actual()).isEqualTo(4_000);
            assertThat(right.tables().get(0).claims()).extracting(Claim::basis).containsExactly(Claim.Basis.TRANSFORM);

            // Far from each other, and none of them has a smallest or a largest value.
            db.execute(
                    "DELETE FROM item WHERE id = 203",
                    "INSERT INTO item SELECT 90000 + id, name, price, weight, at, kind, done, data FROM item WHERE id = 6",
                    "UPDATE item SET price = price + 0.000001 WHERE id = 1003",
                    "UPDATE item SET name = '' WHERE id = 1407",
                    "UPDATE item SET at = at + interval '1 microsecond' WHERE id = 1803",
                    "UPDATE item SET weight = 'NaN' WHERE id = 2100",
                    "UPDATE item SET weight = weight + 1e-9 WHERE id = 2303",
                    "UPDATE item SET done = NOT done WHERE id = 2703",
                    "UPDATE item SET data = data || '{\"c\": null}' WHERE id = 3003",
                    "UPDATE item SET price = 0 WHERE id = 3250",
                    "UPDATE item SET name = name || ' ' WHERE id = 3603");

            assertThat(found(db))
                    .containsExactlyInAnyOrder(
                            "MISSING 203",
                            "EXTRA 90006",
                            "WRONG 1003 price",
                            "WRONG 1407 name",
                            "WRONG 1803 at",
                            "WRONG 2100 weight",
                            "WRONG 2303 weight",
                            "WRONG 2703 done",
                            "WRONG 3003 data",
                            "WRONG 3250 price",
                            "WRONG 3603 name");
        }
    }

    @Test
    void errors_that_cancel_out_are_not_found_by_aggregates_but_by_a_full_verification() throws Exception {
        try (FillDatabase db = items()) {
            db.execute(
                    "UPDATE item SET price = price + 1 WHERE id = 103",
                    "UPDATE item SET price = price - 1 WHERE id = 104",
                    "UPDATE item SET name = 'B212' WHERE id = 213",
                    "UPDATE item SET name = 'B213' WHERE id = 212");

            assertThat(same(db, TableVerifier::aggregates)).isTrue();
            assertThat(same(db, TableVerifier::compare)).isFalse();
            assertThat(found(db)).isEmpty();
            assertThat(db.verify(ITEM).tables().get(0).named())
                    .extracting(m -> m.key().get(0))
                    .containsExactlyInAnyOrder("103", "104", "212", "213");
        }
    }

    @Test
    void a_bug_of_the_transform_is_found_by_an_independent_expectation() throws Exception {
        String bug = "fill: { into: pay, set: { net: gross - CASE WHEN id % 900 = 0 THEN 0 ELSE fee END } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE pay (id int PRIMARY KEY, gross numeric NOT NULL, fee numeric NOT NULL, net numeric)",
                    "INSERT INTO pay SELECT n, n * 1.1, 0.3, n * 1.1 - CASE WHEN n % 900 = 0 THEN 0 ELSE 0.3 END"
                            + " FROM generate_series(1, 2000) n");

            assertThat(found(db.verify(bug, VerifyRequest.AGGREGATES))).isEmpty();
            assertThat(found(db.verify(
                            bug.replace("} }", "}, expect: { net: gross - fee } }"), VerifyRequest.AGGREGATES)))
                    .containsExactly("WRONG 900 net", "WRONG 1800 net");
        }
    }
}
