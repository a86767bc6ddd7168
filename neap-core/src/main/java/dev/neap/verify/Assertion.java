package dev.neap.verify;

/**
 * What became of an assertion of the file's.
 *
 * @param name its name
 * @param sql the query, as the file has it
 * @param holds whether it said true when it was asked last
 */
public record Assertion(String name, String sql, boolean holds) {}
