package dev.neap.dialect;

/**
 * Something of Neap's that is still in the database.
 *
 * @param kind `kept partition`, `shadow`, `capture`, `check on default`, `work schema`, `control schema`
 * @param name what it is called
 * @param bytes what it occupies, zero or more
 * @param why why it may go now, or why it stays
 * @param due whether `cleanup` drops it now
 * @param dropSql the statements that drop it, in order
 */
public record Leftover(String kind, String name, long bytes, String why, boolean due, java.util.List<String> dropSql) {}
