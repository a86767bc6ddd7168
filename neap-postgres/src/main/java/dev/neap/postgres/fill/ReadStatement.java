package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the text of a statement shows of how it reads a table. Where the text leaves it open, it counts as one that does
 * not cope.
 */
final class ReadStatement {
    /** How a column, or the rows of a table, is read. */
    enum Reading {
        /** It is not read, or is written alone. */
        NONE,
        /** It is read, and nothing is said for the case that it is missing. */
        BARE,
        /** Something is said for that case. */
        COPES
    }

    /** They make, change or keep a table and read no value for anybody. */
    private static final Set<String> UTILITY = Set.of(
            "alter",
            "analyze",
            "cluster",
            "comment",
            "create",
            "drop",
            "grant",
            "lock",
            "refresh",
            "reindex",
            "revoke",
            "security",
            "truncate",
            "vacuum");

    /** What a clause begins with that ends that of SET. */
    private static final List<String> CLAUSES =
            List.of("from", "where", "returning", "select", "values", "on", "using");

    private final SqlWords words;
    private final TableName table;

    /** The names that the table has in the statement; a word of the language among them stands before no point. */
    private final Set<String> aliases = new HashSet<>();

    private boolean named;

    ReadStatement(SqlWords words, TableName table) {
        this.words = words;
        this.table = table;
        for (int i = 0; i < words.size(); i++) {
            if (isTable(i)) {
                named = true;
                aliases.add(table.name());
                int alias = words.is(i + 1, "as") ? i + 2 : i + 1;
                if (words.isWord(alias)) {
                    aliases.add(words.at(alias));
                }
            }
        }
    }

    /** A place at which the table itself is named, and not a column of it. */
    private boolean isTable(int place) {
        return words.names(place, table.name())
                && !words.is(place + 1, ".")
                && (!words.is(place - 1, ".") || words.names(place - 2, table.schema()));
    }

    /** How it reads a column of the table. */
    Reading of(String column) {
        if (!named || utility()) {
            return Reading.NONE;
        }
        boolean reads = wholeTable();
        for (int i = 0; i < words.size(); i++) {
            if (isColumn(i, column)) {
                reads = true;
                if (copes(start(i), i)) {
                    return Reading.COPES;
                }
            }
            reads |= isAllColumns(i);
        }
        return reads ? Reading.BARE : Reading.NONE;
    }

    /** How it reads the rows of the table. */
    Reading ofRows() {
        if (!named || utility()) {
            return Reading.NONE;
        }
        Reading reading = wholeTable() ? Reading.BARE : Reading.NONE;
        for (int i = 0; i < words.size() && reading != Reading.BARE; i++) {
            int before = words.is(start(i) - 1, "only") ? start(i) - 2 : start(i) - 1;
            if (isTable(i) && isRead(before)) {
                reading = outer(before) || inWord(start(i), i, "exists") ? Reading.COPES : Reading.BARE;
            }
        }
        return reading;
    }

    private boolean utility() {
        boolean selects = false;
        boolean from = false;
        for (int i = 0; i < words.size(); i++) {
            selects |= words.is(i, "select");
            from |= words.is(i, "from");
        }
        return !selects && (UTILITY.contains(words.at(0)) || (words.is(0, "copy") && from));
    }

    /** `TABLE t`, and `COPY t TO`. */
    private boolean wholeTable() {
        return words.is(0, "table") || (words.is(0, "copy") && !words.is(1, "("));
    }

    /** The place after which a table stands that is read: what is written alone comes after INTO, UPDATE, DELETE FROM. */
    private boolean isRead(int before) {
        return words.is(before, "join")
                || words.is(before, ",")
                || words.is(before, "using")
                || words.is(before, "(")
                || (words.is(before, "from") && !words.is(before - 1, "delete"));
    }

    private boolean outer(int join) {
        int side = words.is(join - 1, "outer") ? join - 2 : join - 1;
        return words.is(join, "join") && (words.is(side, "left") || words.is(side, "full"));
    }

    private boolean isColumn(int place, String column) {
        if (!words.names(place, column) || words.is(place + 1, ".") || words.is(place + 1, "(")) {
            return false;
        }
        boolean another = words.is(place - 1, ".") && !aliases.contains(words.at(place - 2));
        return !another && !words.is(place - 1, "as") && !isWritten(start(place), place);
    }

    private boolean isAllColumns(int place) {
        return words.is(place, "*")
                && (words.is(place - 1, ".")
                        ? aliases.contains(words.at(place - 2))
                        : List.of("select", "distinct", "all", ",", "returning").contains(words.at(place - 1)));
    }

    /** In the list of columns of an INSERT, or on the left side of an assignment. */
    private boolean isWritten(int start, int place) {
        int list = words.opener(start);
        if (list >= 0 && (words.is(list - 1, "set") || words.is(list - 1, "insert") || afterInto(list))) {
            return true;
        }
        boolean assigned = words.is(place + 1, "=") && (words.is(start - 1, "set") || words.is(start - 1, ","));
        for (int i = start - 1; assigned && i >= 0; i--) {
            if (words.opener(i) == list) {
                if (words.is(i, "set")) {
                    return true;
                }
                assigned = CLAUSES.stream().noneMatch(words.at(i)::equals);
            }
        }
        return false;
    }

    /** `INTO schema.table AS alias (` is the longest way to say it. */
    private boolean afterInto(int list) {
        int into = list - 1;
        while (into > list - 7 && !words.is(into, "into")) {
            if (!words.isWord(into) && !words.is(into, ".")) {
                return false;
            }
            into--;
        }
        return words.is(into, "into");
    }

    /** Where what is named at a place begins, with the names before it. */
    private int start(int place) {
        int start = place;
        while (words.is(start - 1, ".")) {
            start -= 2;
        }
        return start;
    }

    private boolean copes(int start, int place) {
        int after = words.is(place + 2, "not") ? place + 3 : place + 2;
        boolean tested = words.is(place + 1, "isnull")
                || words.is(place + 1, "notnull")
                || (words.is(place + 1, "is") && (words.is(after, "null") || words.is(after, "distinct")));
        boolean compared = words.is(start - 1, "from") && words.is(start - 2, "distinct");
        return tested || compared || inWord(start, place, "num_nulls", "num_nonnulls");
    }

    /** In a COALESCE that goes on after it, or in one of these. */
    private boolean inWord(int start, int place, String... others) {
        for (int open = words.opener(start); open >= 0; open = words.opener(open)) {
            String function = words.at(open - 1);
            if (List.of(others).contains(function) || (function.equals("coalesce") && goesOn(open, place))) {
                return true;
            }
        }
        return false;
    }

    private boolean goesOn(int open, int place) {
        for (int i = place + 1; i < words.size(); i++) {
            if (words.opener(i) == open && words.is(i, ",")) {
                return true;
            }
        }
        return false;
    }
}
