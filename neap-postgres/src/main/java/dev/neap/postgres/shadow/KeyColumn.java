package dev.neap.postgres.shadow;

/**
 * A column of the primary key.
 *
 * @param name without quotes
 * @param quoted as SQL wants it
 * @param type its SQL type, qualified, with its modifier
 */
public record KeyColumn(String name, String quoted, String type) {}
