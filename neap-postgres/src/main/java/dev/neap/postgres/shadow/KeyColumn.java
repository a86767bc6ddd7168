package dev.neap.postgres.shadow;

/**
 * A column of the key by which a changed row is found again.
 *
 * @param name without quotes
 * @param quoted as SQL wants it
 * @param type its SQL type, qualified, with its modifier
 */
public record KeyColumn(String name, String quoted, String type) {}
