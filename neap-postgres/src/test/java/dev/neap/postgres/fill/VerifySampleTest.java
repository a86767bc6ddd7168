package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Fill;
import dev.neap.dialect.TableVerifier.Part;
import dev.neap.verify.Sample;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A verification of random rows of a real table. */
class VerifySampleTest {
    @Test
    void each_row_is_as_likely_to_be_picked_however_full_its_page_is() throws Exception {
        String fill = "fill: { into: t, where: id > 0, set: { v: n } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE t (id int, n int, v int, wide text, PRIMARY KEY (id, n)) PARTITION BY RANGE (id)",
                    "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (-20000) TO (10001)",
                    "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10001) TO (20001)",
                    "INSERT INTO t SELECT n - 5000, 0, 0 FROM generate_series(1, 15000) n",
                    "INSERT INTO t SELECT n, 0, 0, repeat('x', 600) FROM generate_series(10001, 20000) n",
                    "DELETE FROM t WHERE id BETWEEN 1 AND 10000 AND id % 4 = 0");
            Fill declared = db.backfill(fill).fill();
            List<Integer> picked = new ArrayList<>();
            try (PostgresTableVerifier bench =
                    PostgresTableVerifier.open(db.connect(), declared, OptionalLong.empty(), 500)) {
                SplittableRandom random = new SplittableRandom(5);
                while (picked.size() < 4_000) {
                    bench.pick(5_000, random).forEach(key -> picked.add(Integer.valueOf(key.get(0))));
                }
            }

            // 7,500 narrow rows of 17,500; within five times the deviation.
            double narrow = (double) picked.stream().filter(id -> id <= 10_000).count() / picked.size();
            assertThat(narrow).isBetween(0.4286 - 0.04, 0.4286 + 0.04);
            assertThat(picked).allMatch(id -> id > 0).noneMatch(id -> id <= 10_000 && id % 4 == 0);
        }
    }

    @Test
    void of_a_thousand_samples_as_many_hold_a_spoiled_row_as_the_confidence_says() throws Exception {
        // For a match of 99 % with 95 % confidence.
        int rows = 299;
        int trials = 1_000;
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, v text)",
                    "CREATE TABLE t (id int PRIMARY KEY, v text, at timestamptz)",
                    "INSERT INTO s SELECT n, nullif('v' || n % 7, 'v0') FROM generate_series(1, 20000) n",
                    "INSERT INTO t SELECT id, v, 'epoch' FROM s",
                    // One of a hundred, in four ways, some together and some alone.
                    "UPDATE t SET at = at + interval '1 microsecond' WHERE id <= 50",
                    "DELETE FROM t WHERE id BETWEEN 15010 AND 15059",
                    "UPDATE t SET v = '' WHERE id % 7 = 0 AND id BETWEEN 2001 AND 2350",
                    "UPDATE s SET v = concat(v, ' ') WHERE id % 300 = 1 AND id BETWEEN 3000 AND 18000");
            Fill declared = db.backfill("fill: { from: s, into: t, set: { id: id, v: v, at: \"'epoch'\" } }\n")
                    .fill();
            List<List<String>> picked = new ArrayList<>();
            Set<List<String>> wrong = new HashSet<>();
            SplittableRandom random = new SplittableRandom(7);
            try (PostgresTableVerifier bench =
                    PostgresTableVerifier.open(db.connect(), declared, OptionalLong.empty(), 500)) {
                bench.differences(Part.ALL).forEach(one -> wrong.add(one.key()));
                while (picked.size() < rows * trials) {
                    picked.addAll(bench.pick(20_000, random));
                }
            }
            Collections.shuffle(picked, new Random(7));
            int missed = 0;
            for (int trial = 0; trial < trials; trial++) {
                missed += Collections.disjoint(picked.subList(trial * rows, (trial + 1) * rows), wrong) ? 1 : 0;
            }

            assertThat(wrong).hasSize(200);
            // 5 % of the trials, within four times the deviation of such a count.
            assertThat(missed).isBetween(22, 78);
        }
    }

    @Test
    void a_share_of_wrong_rows_is_found_as_often_as_the_confidence_says_and_right_ones_are_shown() throws Exception {
        String fill = "verify: { match: 99%, confidence: 95% }\nfill: { from: s, into: t, set: { id: id, v: v } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, v int)",
                    "CREATE TABLE t (id int PRIMARY KEY, v int)",
                    "INSERT INTO s SELECT n, n FROM generate_series(1, 20000) n",
                    "INSERT INTO t SELECT id, v FROM s");
            VerifyReport right = db.verify(fill, VerifyRequest.SAMPLE);
            // All of them lie together, at the end.
            db.execute("UPDATE t SET v = -1 WHERE id > 19900", "DELETE FROM t WHERE id > 19950 AND id <= 20000");
            db.execute("UPDATE t SET v = -1 WHERE id > 19750 AND id <= 19850");
            boolean full = "full".equals(System.getProperty("neap.campaign"));
            int trials = full ? 1_000 : 10;
            int found = 0;
            for (int trial = 0; trial < trials; trial++) {
                TableReport table =
                        db.verify(fill, VerifyRequest.SAMPLE).tables().get(0);
                found += table.proved() ? 0 : 1;
                assertThat(table.named()).allMatch(m -> Integer.parseInt(m.key().get(0)) > 19_750);
            }

            Sample sample = right.tables().get(0).sample();
            assertThat(right.proved()).isTrue();
            assertThat(sample.rows()).isEqualTo(299);
            assertThat(sample.low()).isBetween(0.99, 0.9901);
            // 95 %. Of ten, four or fewer come three times in a million; of 1,000, so few come less often still.
            assertThat(found).isGreaterThan(full ? 915 : 4);
        }
    }

    @Test
    void a_small_table_is_compared_whole() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, n int, v int)",
                    "INSERT INTO t SELECT n, n, n FROM generate_series(1, 100) n");

            TableReport table = db.verify("fill: { into: t, set: { v: n } }\n", VerifyRequest.SAMPLE)
                    .tables()
                    .get(0);

            assertThat(table.proved()).isTrue();
            assertThat(table.sample()).isNull();
            assertThat(table.notes()).singleElement().asString().contains("every row was compared");
        }
    }
}
