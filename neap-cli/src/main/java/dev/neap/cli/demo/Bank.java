package dev.neap.cli.demo;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The bank whose books are rebuilt. It books by double entry: a transfer is two entries of one day that cancel out, so
 * each month sums to zero in any snapshot that is whole. What it holds at first follows from a transfer's number, so
 * that nobody has to ask the database what should be in it.
 *
 * @param months how many monthly partitions, at least 1
 * @param transfersPerMonth how many transfers each holds at first, at least 1
 */
record Bank(int months, int transfersPerMonth) {
    static final String TABLE = "bank.entry";
    private static final YearMonth FIRST = YearMonth.of(2022, 1);
    private static final int ACCOUNTS = 20_000;

    Bank {
        if (months < 1 || transfersPerMonth < 1) {
            throw new IllegalArgumentException("a bank has at least one month and one transfer in it");
        }
    }

    /** About so many rows, evenly over the months. */
    static Bank of(long rows, int months) {
        return new Bank(months, Math.toIntExact(Math.max(1, rows / 2 / months)));
    }

    long transfers() {
        return (long) months * transfersPerMonth;
    }

    long rows() {
        return transfers() * 2;
    }

    YearMonth month(int index) {
        return FIRST.plusMonths(index);
    }

    /** The day of a transfer of the beginning. */
    LocalDate bookedOn(long transfer) {
        return month((int) ((transfer - 1) / transfersPerMonth)).atDay(1).plusDays(transfer % 28);
    }

    /** The amount, in cents, of a transfer of the beginning. */
    static long cents(long transfer) {
        return transfer * 7919 % 99_991 + 1;
    }

    static long account(long entry) {
        return entry * 31 % ACCOUNTS + 1;
    }

    String partition(int index) {
        YearMonth month = month(index);
        return String.format(Locale.ROOT, "bank.entry_%d_%02d", month.getYear(), month.getMonthValue());
    }

    List<Integer> indexes() {
        return IntStream.range(0, months).boxed().toList();
    }

    /** The empty tables: no key and no index yet, because loading first is faster. */
    List<String> tables() {
        return List.of(
                "CREATE SCHEMA bank",
                "CREATE TABLE bank.account (id bigint PRIMARY KEY, holder text NOT NULL)",
                """
                INSERT INTO bank.account
                SELECT n, 'customer ' || n FROM generate_series(1, %d) AS n""".formatted(ACCOUNTS),
                """
                CREATE TABLE bank.entry (
                    id bigint NOT NULL,
                    booked_on date NOT NULL,
                    account_id bigint NOT NULL,
                    transfer_id bigint NOT NULL,
                    amount numeric(14, 2) NOT NULL,
                    unit text NOT NULL DEFAULT 'euro' CHECK (unit IN ('euro', 'cent')),
                    version integer NOT NULL DEFAULT 1,
                    note text
                ) PARTITION BY RANGE (booked_on)""");
    }

    /** One month: made, filled, indexed. */
    List<String> fill(int index) {
        String partition = partition(index);
        String name = partition.substring(partition.indexOf('.') + 1);
        LocalDate first = month(index).atDay(1);
        long from = (long) index * transfersPerMonth + 1;
        return List.of(
                "CREATE TABLE %s PARTITION OF bank.entry FOR VALUES FROM ('%s') TO ('%s')"
                        .formatted(partition, first, first.plusMonths(1)),
                """
                INSERT INTO %s
                SELECT t * 2 + side, DATE '%s' + (t %% 28)::int, (t * 2 + side) * 31 %% %d + 1, t,
                       (1 - 2 * side) * (t * 7919 %% 99991 + 1) / 100.0, 'euro', 1, 'standing order'
                FROM generate_series(%d::bigint, %d) AS t, generate_series(0, 1) AS side""".formatted(partition, first, ACCOUNTS, from, from + transfersPerMonth - 1),
                "ALTER TABLE %s ADD CONSTRAINT %s_pkey PRIMARY KEY (id, booked_on)".formatted(partition, name),
                "CREATE INDEX %s_account_id_idx ON %s (account_id)".formatted(name, partition),
                "ALTER TABLE %s ADD CONSTRAINT entry_account_fkey FOREIGN KEY (account_id) REFERENCES bank.account"
                        .formatted(partition),
                "VACUUM (ANALYZE) " + partition);
    }

    /** The keys of the whole table, which find those of the months already there. */
    static List<String> keys() {
        return List.of(
                "ALTER TABLE bank.entry ADD CONSTRAINT entry_pkey PRIMARY KEY (id, booked_on)",
                "CREATE INDEX entry_account_id_idx ON bank.entry (account_id)",
                "ALTER TABLE bank.entry ADD CONSTRAINT entry_account_fkey"
                        + " FOREIGN KEY (account_id) REFERENCES bank.account",
                "VACUUM (ANALYZE) bank.account",
                "ANALYZE bank.entry");
    }
}
