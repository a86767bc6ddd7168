package dev.neap.parity;

/**
 * Something of a database that is the same in another or is not.
 *
 * @param topic what it belongs to, such as `settings`
 * @param name what is looked at; each name once within its topic
 * @param value as it is there, for people
 * @param weight what a difference does
 */
public record Fact(String topic, String name, String value, Weight weight) {}
