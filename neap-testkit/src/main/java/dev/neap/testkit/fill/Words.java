package dev.neap.testkit.fill;

import java.util.List;

/** What the application of a history, and its fill, say in the words of each engine. */
public interface Words {
    /** The shapes that a dialect of this engine fills. */
    List<FillShape> shapes();

    /** The type of a key's column. */
    String keyType(KeyKind kind, int column);

    /** A part of a key as the server shows it. */
    String keyPart(KeyKind kind, String part);

    /** A parameter that stands for a part of a key as the server shows it. */
    String keyParameter(KeyKind kind, int column);

    /** A column of a key as the server shows it. */
    String keyText(KeyKind kind, String column);

    /** A moment in time. */
    String momentType();

    /** A list of texts. */
    String listType();

    /** A parameter that stands for a list of texts. */
    String listParameter();

    /** The moment that a version is from. */
    String moment(String version);

    /** The version that a moment is from, as a whole number. */
    String version(String moment);

    /** A word of a text, the first or the second of two. */
    String word(String text, int which);

    /** The end of an INSERT that updates these columns where the key is there. */
    String upsert(String key, List<String> columns);

    /** A number as text, or null. */
    String text(String number);

    /** What every session of the application begins with. */
    List<String> settings();

    /** Begins a transaction. */
    List<String> begin(String isolation);

    /** Refreshes the statistics of these tables. */
    List<String> analyze(List<String> tables);

    /** The order in which a fill's newest rows come first. */
    String newestFirst(List<String> key);

    /** Whether an error says that a row of the key is there. */
    boolean duplicate(java.sql.SQLException e);

    /** A query of how many sessions the database has but the one that asks. */
    String sessions();
}
