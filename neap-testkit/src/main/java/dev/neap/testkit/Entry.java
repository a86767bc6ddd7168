package dev.neap.testkit;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * A row of the ledger as the application means it: amounts in units, whatever form they are stored in.
 *
 * @param amount the debit in units; the credit is its negative
 * @param version counts the row's writes
 * @param table the OID of the very table into which its last write put it, as the server answered; 0 when it was there
 *     from the beginning
 * @param form the form in which its last write left it, as the server answered
 */
record Entry(
        long id,
        LocalDate day,
        int account,
        long amount,
        long version,
        @Nullable String note,
        long table,
        int form) {
    int partition() {
        return Ledger.partitionOf(day);
    }

    Entry on(LocalDate other) {
        return new Entry(id, other, account, amount, version + 1, note, table, form);
    }

    Entry named(long otherId) {
        return new Entry(otherId, day, account, amount, version + 1, note, table, form);
    }

    Entry noted(String other) {
        return new Entry(id, day, account, amount, version + 1, other, table, form);
    }

    Entry plus(long units) {
        return new Entry(id, day, account, amount + units, version + 1, note, table, form);
    }

    Entry rewritten(long otherAmount, int otherAccount) {
        return new Entry(id, day, otherAccount, otherAmount, version + 1, note, table, form);
    }

    /** The same row, written into this table in this form. */
    Entry stored(long inTable, int inForm) {
        return new Entry(id, day, account, amount, version, note, inTable, inForm);
    }

    /** How the table shows it in this form. */
    String inForm(int form) {
        long debit = form == 2 ? amount * 100 : amount;
        return shown(id, day, account, debit, -debit, version, form, note);
    }

    static String shown(
            long id,
            LocalDate day,
            int account,
            long debit,
            long credit,
            long version,
            int form,
            @Nullable String note) {
        return "id " + id + ", " + day + ", account " + account + ", debit " + debit + ", credit " + credit
                + ", version " + version + ", form " + form + ", note " + note;
    }
}
