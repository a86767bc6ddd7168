package dev.neap.testkit.fill;

import java.util.List;

/**
 * A row of the source as the application means it.
 *
 * @param version grows with each write of the key, also over a delete
 * @param name first and last name with a blank between
 * @param units an amount in whole units
 * @param gone deleted softly
 * @param tags sorted, each once
 * @param film which film, where there are films
 */
record Person(Key key, long version, String name, long units, boolean gone, List<String> tags, long film) {
    Person {
        tags = List.copyOf(tags);
    }

    String first() {
        return name.substring(0, name.indexOf(' '));
    }

    String last() {
        return name.substring(name.indexOf(' ') + 1);
    }

    String tagsArray() {
        return "{" + String.join(",", tags) + "}";
    }

    Person at(Key other) {
        return new Person(other, version, name, units, gone, tags, film);
    }

    Person gone(boolean isGone, long newVersion) {
        return new Person(key, newVersion, name, units, isGone, tags, film);
    }

    Person plus(long more) {
        return new Person(key, version, name, units + more, gone, tags, film);
    }

    /** Another form of the same row, from another time. */
    Person as(String otherName, long otherVersion) {
        return new Person(key, otherVersion, otherName, units, gone, tags, film);
    }
}
