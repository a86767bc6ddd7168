package dev.neap.postgres.shadow;

import dev.neap.backfill.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How to make a shadow exactly like one live partition, and put it in its place. Built in the work schema under the
 * live partition's name, as are its indexes, constraints and statistics, so that nothing is renamed.
 *
 * <p>Read once, then frozen; {@link Fingerprint} tells whether it still holds. Undo is the same again with the kept
 * schema as the work schema: {@link #foreignKeys()}, {@link #boundCheck()} and {@link #defaultCheck()}, then the swap.
 *
 * @param live the live partition
 * @param liveOid its OID
 * @param name its name, qualified and quoted; after the swap the shadow's
 * @param parent the parent, qualified and quoted
 * @param shadow the shadow until the swap, qualified and quoted
 * @param kept the old partition after the swap, qualified and quoted
 * @param bound `FOR VALUES FROM (…) TO (…)`, times in UTC
 * @param detach takes the live partition out of its parent
 * @param moveOldSql moves the old partition, with its indexes, to the kept schema
 * @param moveShadowSql moves the shadow, with its indexes, to where the live partition was
 * @param attach puts the shadow, moved by then, under the parent
 * @param create makes the empty shadow; all of it cheap, and harmless to a load
 * @param indexes in an order in which ATTACH pairs them right
 * @param foreignKeys to add when the rows are there
 * @param checks constraints that the live rows need not meet (NOT VALID): to add when the rows are there
 * @param boundCheck adds and proves a CHECK that implies the bound, so that ATTACH does not scan the shadow
 * @param defaultCheck the CHECK that keeps ATTACH from scanning the DEFAULT partition; empty without one
 * @param beforeDetach in the swap's transaction, first
 * @param afterAttach in the swap's transaction, after DETACH, both moves and ATTACH
 * @param locks what the swap locks, in the order in which to lock; sequences last, which {@code beforeDetach} locks
 * @param overridesSystemValue whether an INSERT into the live partition (not the shadow) with all columns must say
 *     OVERRIDING SYSTEM VALUE
 * @param refusals why this partition cannot be swapped, each one sentence with a remedy; empty when it can
 */
public record ShadowDefinition(
        TableName live,
        long liveOid,
        String name,
        String parent,
        String shadow,
        String kept,
        String bound,
        String detach,
        String moveOldSql,
        String moveShadowSql,
        String attach,
        List<String> create,
        List<IndexBuild> indexes,
        List<ForeignKey> foreignKeys,
        List<String> checks,
        List<String> boundCheck,
        Optional<DefaultCheck> defaultCheck,
        List<String> beforeDetach,
        List<String> afterAttach,
        List<LockNeed> locks,
        boolean overridesSystemValue,
        List<String> refusals) {

    /**
     * Reads the catalog in some thirty short queries. Leaves the connection's settings as they were.
     *
     * @param liveOid the leaf
     * @param parentOid its direct parent
     * @param workSchema where the shadow is built; need not be there yet
     * @param keptSchema where the old partition goes; need not be there yet
     * @throws SQLException also when there is no such table any more
     */
    public static ShadowDefinition read(
            Connection connection, long liveOid, long parentOid, String workSchema, String keptSchema)
            throws SQLException {
        return ShadowReader.read(connection, liveOid, parentOid, workSchema, keptSchema);
    }

    /** All of the swap but its locks, in order; each statement's time does not depend on how many rows there are. */
    public List<String> swap() {
        List<String> middle = List.of(detach, moveOldSql, moveShadowSql, attach);
        return Stream.of(beforeDetach, middle, afterAttach)
                .flatMap(List::stream)
                .toList();
    }
}
