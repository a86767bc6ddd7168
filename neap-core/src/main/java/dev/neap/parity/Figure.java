package dev.neap.parity;

/**
 * Something of a database that is more or less than in another.
 *
 * @param topic what it belongs to, such as `speed`
 * @param name what was measured; each name once within its topic
 * @param value zero or more
 * @param unit its unit, such as `ms` or `rows`
 * @param floor in that unit: below it nobody can tell two figures apart
 * @param matters from how many times as much on a difference matters, more than 1
 * @param worthless from how many times as much on a rehearsal is worthless
 */
public record Figure(
        String topic, String name, double value, String unit, double floor, double matters, double worthless) {
    public Figure {
        if (value < 0 || floor <= 0 || matters <= 1 || worthless < matters) {
            throw new IllegalArgumentException(
                    "a figure is zero or more, its floor more than zero, its limits in order and more than 1");
        }
    }
}
