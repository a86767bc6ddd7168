package dev.neap.postgres.planning;

import dev.neap.backfill.TableName;

/**
 * A direct child of the partitioned table.
 *
 * @param oid its identity
 * @param kind `r` a table, `p` partitioned again, `f` a foreign table
 * @param boundText the bound as the server spells it, or `DEFAULT`
 * @param detaching whether a `DETACH … CONCURRENTLY` of it is unfinished
 */
record Leaf(long oid, TableName name, String kind, String boundText, boolean detaching) {
    boolean isDefault() {
        return boundText.equals("DEFAULT");
    }
}
