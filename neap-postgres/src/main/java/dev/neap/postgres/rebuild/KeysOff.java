package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.plan.Step;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.SQLException;
import java.util.List;

/**
 * Takes the foreign keys off a unit's shadow before it goes, or off the kept partition of an undo. For each the referenced
 * table is locked for an instant, against its readers too: so each has a transaction of its own, with one deadline, and no
 * table is held while another is waited for.
 */
final class KeysOff {
    private record Key(String name, String referenced, long referencedOid) {}

    private final UnitWork work;

    KeysOff(UnitWork work) {
        this.work = work;
    }

    /**
     * While capture still takes changed rows out of the table: without that an old row in it would stop the application from
     * deleting what it references.
     *
     * @param restarts whether the unit goes back to its beginning: it does so before the first key goes, since a process that
     *     ends in between must not leave what looks whole
     */
    Attempt take(boolean restarts) throws SQLException {
        List<Key> keys = keys();
        if (!keys.isEmpty() && restarts) {
            work.inTransaction(s -> {
                work.writes().enter(Step.FINGERPRINT.label());
                return s;
            });
        }
        for (Key key : keys) {
            Attempt taken = take(key);
            if (!taken.got()) {
                return taken;
            }
        }
        return Attempt.GOT;
    }

    private List<Key> keys() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT conname, confrelid::regclass::text, confrelid::bigint FROM pg_constraint"
                                + " WHERE conrelid = to_regclass(?) AND conparentid = 0 AND contype = 'f' ORDER BY conname",
                        work.names().shadow())
                .list(r -> new Key(r.getString(1), r.getString(2), r.getLong(3)));
    }

    private Attempt take(Key key) throws SQLException {
        Bystanders bystanders = new Bystanders(work.connection());
        long deadline = work.tuning().lockDeadline().toMillis();
        List<String> who = bystanders.holders(List.of(key.referencedOid()), deadline, -1);
        if (!who.isEmpty()) {
            return Attempt.missed(String.join("; ", who));
        }
        try {
            work.inTransaction(s -> {
                s.execute("SET LOCAL lock_timeout = " + work.tuning().courtesy().toMillis());
                s.execute("LOCK TABLE ONLY " + key.referenced() + " IN SHARE UPDATE EXCLUSIVE MODE");
                Locks.deadline(s, work);
                s.execute("SET LOCAL statement_timeout = " + deadline);
                s.execute(SwapScript.block(script(key, deadline)));
                return key;
            });
            return Attempt.GOT;
        } catch (SQLException e) {
            NeapException ours = SqlFailures.explain(e);
            String state = SqlFailures.state(e);
            // Its own statement_timeout, among others: several locks that took too long together.
            if (ours.kind() != Kind.LOCK && !"57014".equals(state) && !"40P01".equals(state)) {
                throw e;
            }
            return Attempt.missed(ours, bystanders.holders(List.of(key.referencedOid()), 0, -1));
        }
    }

    /** The referenced table first, as writers and a swap do; and well before the server looks for a deadlock. */
    private String script(Key key, long deadline) {
        return """
                BEGIN
                    PERFORM set_config('lock_timeout', least(%d,
                        extract(epoch FROM current_setting('deadlock_timeout')::interval) * 500)::int::text, true);
                    LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE;
                    ALTER TABLE %s DROP CONSTRAINT %s;
                END
                """.formatted(deadline, key.referenced(), work.names().shadow(), Names.quote(key.name()));
    }
}
