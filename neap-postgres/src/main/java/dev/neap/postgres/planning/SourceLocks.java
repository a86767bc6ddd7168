package dev.neap.postgres.planning;

import dev.neap.backfill.Rebuild;
import dev.neap.backfill.SourceRecompute;
import dev.neap.backfill.TableName;
import dev.neap.plan.Plan.TableLock;
import dev.neap.plan.Plan.TableLock.When;
import java.util.ArrayList;
import java.util.List;

/** What is locked of the tables that a recompute reads, for people. */
final class SourceLocks {
    private SourceLocks() {}

    static List<TableLock> of(Rebuild rebuild) {
        SourceRecompute source = rebuild.source();
        List<TableLock> locks = new ArrayList<>();
        for (TableName table : source == null ? List.<TableName>of() : source.reads()) {
            locks.add(new TableLock(
                    table.sql(),
                    "SHARE ROW EXCLUSIVE",
                    When.BEFORE,
                    "capture starts on it, its partitions and what it is a partition of, once in a run: writers wait"));
            locks.add(
                    new TableLock(
                            table.sql(),
                            "SHARE",
                            When.SWAP,
                            "with its partitions, so that no change comes between the last look and the swap: its writers wait"));
            locks.add(new TableLock(
                    table.sql(),
                    "ACCESS EXCLUSIVE",
                    When.AFTER,
                    "capture is taken off all of these when the last unit is done: readers and writers wait"));
        }
        return locks;
    }
}
