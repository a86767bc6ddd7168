package dev.neap.postgres.planning;

import dev.neap.backfill.TableName;

/**
 * A partition somewhere under the partitioned table: one that holds rows, or one that is partitioned again.
 *
 * @param oid its identity
 * @param kind `r` a table, `p` partitioned again, `f` a foreign table
 * @param boundText the bound as the server spells it, or `DEFAULT`
 * @param detaching whether a `DETACH … CONCURRENTLY` of it is unfinished
 * @param parent the identity of its direct parent
 */
record Leaf(long oid, TableName name, String kind, String boundText, boolean detaching, long parent) {
    boolean isDefault() {
        return boundText.equals("DEFAULT");
    }

    boolean isBranch() {
        return kind.equals("p");
    }
}
