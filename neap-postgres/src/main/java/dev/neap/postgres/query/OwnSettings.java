package dev.neap.postgres.query;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The settings by which an expression may mean another thing, or a value be written otherwise. The application's session
 * has its own; a trigger function of Neap's has those of the session that made it, in which all else is computed.
 */
public final class OwnSettings {
    private static final List<String> NAMES = List.of(
            "search_path",
            "TimeZone",
            "timezone_abbreviations",
            "DateStyle",
            "IntervalStyle",
            "extra_float_digits",
            "bytea_output",
            "array_nulls",
            "xmlbinary",
            "xmloption",
            "lc_monetary",
            "lc_numeric",
            "lc_time",
            "default_text_search_config",
            "standard_conforming_strings",
            "transform_null_equals",
            "row_security");

    private OwnSettings() {}

    /** The clauses of CREATE FUNCTION that fix them. */
    public static String fixed() {
        return NAMES.stream().map(name -> "SET " + name + " FROM CURRENT").collect(Collectors.joining(" "));
    }

    /** What is called before it, for its transaction: no temporary table of the application's is meant by any name. */
    public static String temporaryLast() {
        return "set_config('search_path',"
                + " concat_ws(', ', nullif(current_setting('search_path'), ''), 'pg_temp'), true)";
    }
}
