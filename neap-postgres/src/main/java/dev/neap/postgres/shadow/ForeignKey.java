package dev.neap.postgres.shadow;

import dev.neap.backfill.TableName;
import java.util.List;
import java.util.Optional;

/**
 * One foreign key of the shadow.
 *
 * @param name the constraint's name, without quotes
 * @param referenced the table it references
 * @param referencedOid that table's OID
 * @param inherited whether it is the parent's, so that ATTACH merges it and locks the referenced table
 * @param addSql adds it without looking at a row, with its comment
 * @param validateSql proves it by a scan; empty where the live one is not valid, or not enforced
 */
public record ForeignKey(
        String name,
        TableName referenced,
        long referencedOid,
        boolean inherited,
        List<String> addSql,
        Optional<String> validateSql) {
    public ForeignKey {
        addSql = List.copyOf(addSql);
    }
}
