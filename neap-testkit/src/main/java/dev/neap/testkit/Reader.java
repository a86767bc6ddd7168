package dev.neap.testkit;

import java.util.EnumSet;
import java.util.Set;

/** The kinds of readers that look at the ledger while it is rebuilt. */
public enum Reader {
    READ_COMMITTED,
    /** Transactions whose snapshot is taken before they first look at the ledger. */
    REPEATABLE_READ,
    SERIALIZABLE,
    /** A STABLE function: it reads with the snapshot of the statement that called it. */
    STABLE_FUNCTION,
    /** A prepared statement with a generic plan, kept for the whole run. */
    PREPARED,
    /** Reads one partition under its own name. */
    LEAF_NAME,
    /** READ COMMITTED on a hot standby. */
    STANDBY,
    /** REPEATABLE READ on a hot standby. */
    STANDBY_SNAPSHOT,
    /** Reads the table that the ledger references. */
    REFERENCED_READ,
    /** Writes the table that the ledger references: updates, and rows that come and go. */
    REFERENCED_WRITE;

    /**
     * All but the writers of the referenced table: they lock it and then the ledger, and a plain DETACH or ATTACH locks
     * the other way round. Today's recipe would die of that deadlock time and again instead of showing what it shows.
     */
    public static Set<Reader> thatDoNotWrite() {
        return EnumSet.complementOf(EnumSet.of(REFERENCED_WRITE));
    }

    boolean onStandby() {
        return this == STANDBY || this == STANDBY_SNAPSHOT;
    }
}
