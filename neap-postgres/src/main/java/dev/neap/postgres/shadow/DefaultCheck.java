package dev.neap.postgres.shadow;

import dev.neap.backfill.TableName;
import java.util.List;

/**
 * A CHECK on the parent's DEFAULT partition that says it holds no row of the live partition's bound, so that ATTACH
 * need not look.
 *
 * @param table the DEFAULT partition
 * @param oid its OID
 * @param constraint the CHECK's name, without quotes
 * @param addSql adds it, unproven: ACCESS EXCLUSIVE for an instant
 * @param validateSql proves it by a scan: SHARE UPDATE EXCLUSIVE
 * @param dropSql drops it, or does nothing when it is gone
 */
public record DefaultCheck(
        TableName table, long oid, String constraint, String addSql, String validateSql, String dropSql) {
    /** Adds and proves. */
    public List<String> statements() {
        return List.of(addSql, validateSql);
    }
}
