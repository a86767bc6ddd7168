package dev.neap.cli;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.TableName;
import dev.neap.plan.Estimate;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.preflight.Finding;
import java.time.Duration;
import java.util.List;

/** What a database might plan, and explain, for a backfill. */
final class Plans {
    private Plans() {}

    static Plan rebuild(Backfill backfill, List<Finding> findings) {
        return new Plan(
                backfill,
                "PostgreSQL 15.20",
                List.of(
                        new PlannedUnit(
                                1,
                                FakeEngine.FEBRUARY,
                                "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
                                1_200,
                                98_304,
                                16_384),
                        new PlannedUnit(
                                2,
                                FakeEngine.JANUARY,
                                "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                                900_000,
                                73_728_000,
                                9_000)),
                new Estimate(901_200, 73_728_000, 83_000_000, 25_384, 180_000_000, 20_000_000, Duration.ofMinutes(31)),
                List.of(
                        new Plan.TableLock(
                                "public.events_2024_02",
                                "SHARE ROW EXCLUSIVE",
                                Plan.TableLock.When.BEFORE,
                                "capture starts: an instant"),
                        new Plan.TableLock(
                                "public.events", "ACCESS EXCLUSIVE", Plan.TableLock.When.SWAP, "detach and attach")),
                List.of(
                        new Plan.StepSql("shadow", List.of("CREATE TABLE neap_work.x (LIKE public.events_2024_02)")),
                        new Plan.StepSql("swap", List.of("ALTER TABLE a\n  DETACH PARTITION b;", "SELECT 1"))),
                findings,
                "3f2a91c0" + "0".repeat(56));
    }

    static Plan fill(Backfill backfill, List<Finding> findings) {
        return new Plan(
                backfill,
                "PostgreSQL 15.20",
                List.of(
                        new PlannedUnit(
                                1,
                                new TableName("public", "users_legacy#1"),
                                "id <= 40000",
                                20_000,
                                1_500_000,
                                0,
                                new PlannedUnit.Segment(1, null, List.of("40000"))),
                        new PlannedUnit(
                                2,
                                new TableName("public", "users_legacy#2"),
                                "40000 < id <= 90000",
                                20_000,
                                1_500_000,
                                0,
                                new PlannedUnit.Segment(1, List.of("40000"), List.of("90000")))),
                new Estimate(40_000, 3_000_000, 0, 0, 8_500_000, 0, Duration.ofSeconds(80)),
                List.of(
                        new Plan.TableLock(
                                "public.users_legacy",
                                "SHARE ROW EXCLUSIVE",
                                Plan.TableLock.When.BEFORE,
                                "starts capture"),
                        new Plan.TableLock(
                                "public.users_legacy",
                                "SHARE ROW EXCLUSIVE",
                                Plan.TableLock.When.AFTER,
                                "ends capture")),
                List.of(new Plan.StepSql("fill", List.of("INSERT INTO public.users SELECT 1"))),
                findings,
                "3f2a91c0" + "0".repeat(56));
    }

    static Explanation explained(boolean analyze) {
        String json = "[{\"Plan\": {\"Node Type\": \"Index Scan\"}}]";
        Explanation.Actual actual = analyze ? new Explanation.Actual(500, Duration.ofMillis(12), 81_920, json) : null;
        return new Explanation(
                List.of(
                        new Explanation.Statement(
                                new StatementPlan(
                                        "write",
                                        "INSERT INTO public.users SELECT 1",
                                        500,
                                        480,
                                        22.5,
                                        "Insert on users\n  ->  Index Scan using users_legacy_pkey on users_legacy",
                                        json,
                                        List.of(new TableScan(
                                                "public.users_legacy",
                                                "users_legacy",
                                                "Index Scan",
                                                "users_legacy_pkey",
                                                false,
                                                false,
                                                0,
                                                0,
                                                ""))),
                                "",
                                "public.users_legacy by users_legacy_pkey",
                                actual),
                        new Explanation.Statement(
                                new StatementPlan(
                                        "reconcile: delete",
                                        "DELETE FROM public.users",
                                        500,
                                        1,
                                        9,
                                        "Delete",
                                        json,
                                        List.of()),
                                "SET LOCAL enable_seqscan = off",
                                "reads no table but Neap's own",
                                actual)),
                List.of(
                        new Explanation.Batch(null, List.of("510"), 500, 500),
                        new Explanation.Batch(List.of("510"), List.of("1020"), 500, 480)),
                List.of("queries stand in the place of what a run makes first"),
                analyze
                        ? new Explanation.Rehearsal(
                                500,
                                Duration.ofSeconds(80),
                                6_553_600,
                                List.of("dead versions of the rows that it wrote"))
                        : null);
    }
}
