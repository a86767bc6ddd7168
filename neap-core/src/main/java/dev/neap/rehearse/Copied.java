package dev.neap.rehearse;

import dev.neap.backfill.TableName;
import java.util.List;

/**
 * What was copied.
 *
 * @param tables the rebuilt table first, then those that it needs
 * @param partitions the copied partitions of the rebuilt table
 * @param omitted columns whose values were not read, and what they became
 * @param notCopied what the source has and the copy has not, in words
 */
public record Copied(List<Table> tables, List<TableName> partitions, List<String> omitted, List<String> notCopied) {
    public Copied {
        tables = List.copyOf(tables);
        partitions = List.copyOf(partitions);
        omitted = List.copyOf(omitted);
        notCopied = List.copyOf(notCopied);
    }

    /** A table and how many of its rows were copied. */
    public record Table(TableName name, long rows) {}

    /** Rows of all tables. */
    public long rows() {
        return tables.stream().mapToLong(Table::rows).sum();
    }
}
