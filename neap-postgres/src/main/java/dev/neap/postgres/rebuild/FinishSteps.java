package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.Drained;
import dev.neap.dialect.PartitionRebuild.Finishing;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.shadow.DefaultCheck;
import dev.neap.postgres.shadow.ForeignKey;
import dev.neap.postgres.shadow.IndexBuild;
import dev.neap.postgres.shadow.ShadowDefinition;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is built on the loaded shadow so that the swap has nothing left to scan or to build. */
final class FinishSteps {
    /** What is there already, after a crash: duplicate object, duplicate table, more than one primary key. */
    private static final Set<String> ALREADY_THERE = Set.of("42710", "42P07", "42P16");

    private static final int SOME = 5_000;
    private static final int MOST_ROUNDS = 100;

    private final UnitWork work;
    private final LoadStep load;

    FinishSteps(UnitWork work, LoadStep load) {
        this.work = work;
        this.load = load;
    }

    /** One action, its failures in Neap's terms. Whoever holds a lock is waited for, whatever the action is. */
    private record Action(String name, Body body) implements Finishing {
        interface Body {
            Attempt run() throws SQLException;
        }

        @Override
        public Attempt run() {
            try {
                return explained();
            } catch (NeapException e) {
                if (e.kind() == Kind.LOCK) {
                    return Attempt.missed(e);
                }
                throw e;
            }
        }

        private Attempt explained() {
            try {
                return body.run();
            } catch (SQLException e) {
                throw SqlFailures.explain(e);
            }
        }
    }

    List<Finishing> all() throws SQLException {
        ShadowDefinition definition = work.definition();
        List<Finishing> all = new ArrayList<>();
        if (work.backfill().rebuild().merges()) {
            return forMerge(definition);
        }
        for (IndexBuild index : definition.indexes()) {
            all.add(new Action("index " + index.name(), () -> once(index.statements())));
        }
        for (String check : definition.checks()) {
            all.add(new Action("check", () -> once(List.of(check))));
        }
        all.addAll(foreignKeys(definition.foreignKeys()));
        all.add(new Action("bound", this::bound));
        definition
                .defaultCheck()
                .ifPresent(check -> all.add(new Action("check on the DEFAULT partition", () -> defaultCheck(check))));
        all.add(new Action("vacuum and analyze", this::vacuum));
        return all;
    }

    private List<Finishing> foreignKeys(List<ForeignKey> keys) {
        List<Finishing> all = new ArrayList<>();
        if (!keys.isEmpty()) {
            all.add(new Action("drain", this::drainMost));
            all.add(new Action("capture for foreign keys", this::captureEagerly));
            all.add(new Action("drain", this::drainAll));
            for (ForeignKey key : keys) {
                all.add(new Action("foreign key " + key.name(), () -> foreignKey(key)));
            }
        }
        return all;
    }

    /**
     * A merge goes by the key. A foreign key is proven only where a recomputed column is part of it: then no row is
     * merged that its table would refuse.
     */
    private List<Finishing> forMerge(ShadowDefinition definition) throws SQLException {
        List<Finishing> all = new ArrayList<>();
        all.add(new Action("primary key", () -> once(List.of(work.mergeSql().primaryKey()))));
        for (String check : definition.checks()) {
            all.add(new Action("check", () -> once(List.of(check))));
        }
        all.addAll(foreignKeys(keysToMerge(definition)));
        all.add(new Action("analyze", this::analyze));
        return all;
    }

    private List<ForeignKey> keysToMerge(ShadowDefinition definition) throws SQLException {
        List<String> names = MergeCatalog.foreignKeysOver(
                work.connection(),
                work.requireLive(),
                work.backfill().rebuild().set().keySet());
        return definition.foreignKeys().stream()
                .filter(key -> names.contains(key.name()))
                .toList();
    }

    private Attempt analyze() throws SQLException {
        try (Statement s = work.connection().createStatement()) {
            s.execute("ANALYZE " + work.names().shadow());
        }
        return Attempt.GOT;
    }

    /** What will be run, for a plan. */
    List<String> statements() throws SQLException {
        ShadowDefinition definition = work.definition();
        List<String> all = new ArrayList<>();
        if (work.backfill().rebuild().merges()) {
            all.add(work.mergeSql().primaryKey());
            all.addAll(definition.checks());
            for (ForeignKey key : keysToMerge(definition)) {
                all.addAll(key.addSql());
                key.validateSql().ifPresent(all::add);
            }
            all.add("ANALYZE " + work.names().shadow());
            return all;
        }
        definition.indexes().forEach(index -> all.addAll(index.statements()));
        all.addAll(definition.checks());
        for (ForeignKey key : definition.foreignKeys()) {
            all.addAll(key.addSql());
            key.validateSql().ifPresent(all::add);
        }
        all.addAll(definition.boundCheck());
        definition.defaultCheck().ifPresent(check -> all.addAll(check.statements()));
        all.add(VacuumSql.of(work.connection(), "ANALYZE", work.names().shadow()));
        return all;
    }

    /** Runs statements in one transaction, unless what they make is there already. */
    private Attempt once(List<String> statements) throws SQLException {
        try {
            work.inTransaction(s -> {
                gently(s);
                UnitWork.all(s, statements);
                return statements;
            });
        } catch (SQLException e) {
            if (!ALREADY_THERE.contains(SqlFailures.state(e))) {
                throw e;
            }
        }
        return Attempt.GOT;
    }

    /** An index build cannot be paced, but it can be kept to one core where the run has a ceiling. */
    private void gently(Statement s) throws SQLException {
        if (work.backfill().pace().rate() != null) {
            s.execute("SET LOCAL max_parallel_maintenance_workers = 0");
        }
    }

    /**
     * From here on a change also leaves the shadow at once. The lock waits out writers that still run the old function.
     */
    private Attempt captureEagerly() throws SQLException {
        try {
            return work.inTransaction(s -> {
                Locks.holdWritersOff(s, work);
                s.execute(work.capture().function(true));
                load.captureIsEager();
                return Attempt.GOT;
            });
        } catch (SQLException e) {
            return Locks.missed(work, e, Locks.Aim.WRITERS);
        }
    }

    /** As long as capture is not eager a drain holds up nobody, so what has piled up is replayed before. */
    private Attempt drainMost() throws SQLException {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Drained drained = load.drain(SOME, true, () -> {});
            if (!drained.voided().isEmpty()) {
                throw new NeapException(Kind.RETRY, drained.voided());
            }
            if (!drained.more()) {
                return Attempt.GOT;
            }
        }
        return Attempt.missed("changes that come faster than they are replayed");
    }

    private Attempt drainAll() throws SQLException {
        try {
            Drained drained = load.drain(Integer.MAX_VALUE, true, () -> {});
            if (!drained.voided().isEmpty()) {
                throw new NeapException(Kind.RETRY, drained.voided());
            }
            return Attempt.GOT;
        } catch (SQLException e) {
            return Locks.missed(work, e, Locks.Aim.WRITERS);
        }
    }

    /** A parent row may be deleted, with its child, between a drain and this: then the drain is behind, and it is tried again. */
    private Attempt foreignKey(ForeignKey key) throws SQLException {
        try {
            work.inTransaction(s -> {
                Locks.deadline(s, work);
                UnitWork.all(s, key.addSql());
                return key;
            });
        } catch (SQLException e) {
            if (!ALREADY_THERE.contains(SqlFailures.state(e))) {
                return Locks.missed(work, e, Locks.Aim.EVERYBODY);
            }
        }
        return key.validateSql().isPresent() ? once(List.of(key.validateSql().get())) : Attempt.GOT;
    }

    private Attempt bound() throws SQLException {
        for (String statement : work.definition().boundCheck()) {
            once(List.of(statement));
        }
        return Attempt.GOT;
    }

    private Attempt defaultCheck(DefaultCheck check) throws SQLException {
        try {
            work.inTransaction(s -> {
                s.execute("SET LOCAL lock_timeout = " + work.tuning().courtesy().toMillis());
                s.execute("LOCK TABLE ONLY " + dev.neap.postgres.query.Names.quote(check.table())
                        + " IN SHARE UPDATE EXCLUSIVE MODE");
                Locks.deadline(s, work);
                s.execute(check.addSql());
                return check;
            });
        } catch (SQLException e) {
            if (!ALREADY_THERE.contains(SqlFailures.state(e))) {
                return Locks.missed(work, e, Locks.Aim.EVERYBODY);
            }
        }
        return once(List.of(check.validateSql()));
    }

    /** Without VACUUM the first index-only scans after the swap would visit every page of the heap. */
    private Attempt vacuum() throws SQLException {
        try (Statement s = work.connection().createStatement()) {
            s.execute(VacuumSql.of(work.connection(), "ANALYZE", work.names().shadow()));
        }
        return Attempt.GOT;
    }
}
