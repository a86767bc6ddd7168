package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** The statements that mend some rows: what a batch of the fill would write, and what follows a row that was put in. */
final class MendSql extends FillSql {
    MendSql(FillTables tables) {
        super(tables, FillNames.temporary());
    }

    /** Writes the rows of some keys, as far as they need it. */
    String write(List<List<String>> keys) {
        String these = isOneOf(row(from), keys) + " AND ";
        return fill.inPlace()
                ? update(Staged.MADE) + these + wanted()
                : insertHead() + values() + " FROM " + from + " WHERE " + these + meant() + "\nON CONFLICT ("
                        + Names.list(tables.target()) + ") " + onConflict();
    }

    /**
     * Takes rows of some keys out of the target that the walked table no longer yields.
     *
     * @param own the transactions whose rows may be taken out: as long as nobody else has written them
     */
    String takeOut(List<List<String>> keys, Collection<String> own) {
        return takeOut(keys, ownedBy("target", own));
    }

    /** The same, whoever wrote them. */
    String takeOut(List<List<String>> keys) {
        return takeOut(keys, "true");
    }

    /** Writes the rows of some keys over whatever there is, as the trigger that stands in for the application does. */
    String carryOver(List<List<String>> keys) {
        return insertHead() + values() + " FROM " + from + " WHERE " + isOneOf(row(from), keys) + " AND " + meant()
                + "\nON CONFLICT (" + Names.list(tables.target()) + ") " + replaceWhatDiffers();
    }

    private String takeOut(List<List<String>> keys, String which) {
        return "DELETE FROM " + into + " AS target WHERE " + isOneOf("(" + carried("target") + ")", keys) + " AND "
                + which + " AND NOT EXISTS (SELECT FROM (SELECT " + typedValues() + " FROM " + from
                + " WHERE " + meant() + " AND " + carriedIs("target") + ") AS yielded WHERE "
                + hasItsKey("yielded") + ")";
    }

    /** Writes what the walked table yields by now over such rows, where it differs; empty where only keys are set. */
    String writeAgain(List<List<String>> keys, Collection<String> own) {
        return others().isEmpty()
                ? ""
                : overwrite(
                        "SELECT " + typedValues() + " FROM " + from + " WHERE " + isOneOf(row(from), keys) + " AND "
                                + meant(),
                        ownedBy("target", own));
    }

    private static String ownedBy(String alias, Collection<String> own) {
        return alias + ".xmin = ANY (ARRAY[" + own.stream().map(Names::literal).collect(Collectors.joining(", "))
                + "]::xid[])";
    }
}
