package dev.neap.parity;

/**
 * Something in which two databases differ.
 *
 * @param from as it is where the rehearsal is, for people; `-` where there is none
 * @param to as it is where the run will be; `-` where there is none
 */
public record Difference(String topic, String name, String from, String to, Weight weight) {}
