package dev.neap.backfill;

import java.util.List;

/** A piece of YAML that knows where it stands. */
sealed interface Node {
    Place place();

    /** For messages: what a person would call it. */
    String kind();

    /** A line and a column, both from 1. */
    record Place(int line, int column) {
        static final Place START = new Place(1, 1);
    }

    /**
     * Text as it was written: a date, a number and a word are all text here.
     *
     * @param empty whether nothing was written at all
     */
    record Scalar(String text, boolean empty, Place place) implements Node {
        @Override
        public String kind() {
            return empty ? "nothing" : "'" + text + "'";
        }
    }

    /** Keys and values, in the order of the file. */
    record Mapping(List<Entry> entries, Place place) implements Node {
        @Override
        public String kind() {
            return "a group of keys";
        }
    }

    /** One key with its value. */
    record Entry(Scalar key, Node value) {}

    /** A list. */
    record Sequence(List<Node> items, Place place) implements Node {
        @Override
        public String kind() {
            return "a list";
        }
    }
}
