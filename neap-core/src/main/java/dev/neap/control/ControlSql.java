package dev.neap.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each engine says in its own words to the control tables. Every other statement of this package is SQL that all of
 * them understand: no RETURNING, no casts, no arrays, texts joined by concat(). Stateless.
 */
public interface ControlSql {
    /** The moment at which it is evaluated, not that at which its transaction or its statement began. */
    String now();

    /**
     * A moment after {@link #now}.
     *
     * @param millis milliseconds, as SQL; a parameter is allowed
     */
    String later(String millis);

    /** The seconds from one moment to another, with their fraction. */
    String seconds(String from, String to);

    /** The parameter that stands for a key. */
    String keyParameter();

    /** A key of a segment as the value of {@link #keyParameter}; null stays null. */
    @Nullable
    Object key(@Nullable List<String> key);

    /**
     * The end of an INSERT of one row: where a row with its key is there, that one's count grows by one instead.
     *
     * @param table without its schema
     * @param key the columns of the key, with commas
     */
    String orAddOne(String table, String key, String count);

    /** A statement in which {@code {now}} stands for {@link #now}. */
    default String in(String sql) {
        return sql.replace("{now}", now());
    }
}
