package dev.neap.testkit;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The table of the campaigns: `public.ledger`, one partition a month, each row balanced (debit + credit = 0) and in form
 * 1 (amounts in units) or 2 (amounts in hundredths). A rebuild brings every row into form 2.
 *
 * @param partitions how many months, from January 2020
 * @param withDefault whether there is a DEFAULT partition too (it stays empty)
 * @param withForeignKey whether `account_id` references `public.account`
 * @param fixedRows rows in each partition that nobody ever deletes, moves or rewrites, so that readers can tell an empty
 *     or a mixed partition
 * @param kind how it is partitioned; each leaf holds a month all the same
 */
public record Ledger(int partitions, boolean withDefault, boolean withForeignKey, int fixedRows, Kind kind) {
    /** How a ledger is partitioned. */
    public enum Kind {
        /** A range of days for each month. */
        RANGE,
        /** A list of the days of each month. */
        LIST,
        /** By a hash function that yields the month's number, so that one can tell where a row goes. */
        HASH,
        /** Quarters by range, each partitioned again by lists of days. */
        DEEP
    }

    /** The table. */
    public static final TableName TABLE = new TableName("public", "ledger");

    static final int ACCOUNTS = 20;
    private static final LocalDate FIRST = LocalDate.of(2020, 1, 1);
    static final int DAYS = 28;

    /** Partitioned by range. */
    public Ledger(int partitions, boolean withDefault, boolean withForeignKey, int fixedRows) {
        this(partitions, withDefault, withForeignKey, fixedRows, Kind.RANGE);
    }

    public Ledger {
        if (partitions < 1 || fixedRows < 0) {
            throw new IllegalArgumentException("a ledger has at least one partition");
        }
    }

    /** The first day of a partition, by its number from 0. */
    static LocalDate firstDay(int partition) {
        return FIRST.plusMonths(partition);
    }

    /** The number of the partition that holds this day. */
    static int partitionOf(LocalDate day) {
        return (day.getYear() - FIRST.getYear()) * 12 + day.getMonthValue() - FIRST.getMonthValue();
    }

    /** The name of a partition, by its number from 0. */
    static String leaf(int partition) {
        return "ledger_%03d".formatted(partition);
    }

    /** The number of a partition, by its name; -1 when it is none of the months. */
    static int numberOf(String leaf) {
        return leaf.matches("ledger_\\d{3}") ? Integer.parseInt(leaf.substring(7)) : -1;
    }

    static LocalDate randomDay(int partition, SplittableRandom random) {
        return firstDay(partition).plusDays(random.nextInt(DAYS));
    }

    /** The id of a fixed row. */
    long fixedId(int partition, int number) {
        return 1L + (long) partition * fixedRows + number;
    }

    /** The statements that make the tables, empty but for the accounts. */
    List<String> ddl() {
        List<String> all = new ArrayList<>(kind == Kind.HASH ? LedgerPartitions.HASH_OF_MONTHS : List.of());
        all.add("CREATE TABLE public.mark (id bigint PRIMARY KEY)");
        all.add(
                "CREATE TABLE public.account (id int PRIMARY KEY, name text NOT NULL, touched bigint NOT NULL DEFAULT 0)");
        all.add("INSERT INTO public.account SELECT n, 'account ' || n FROM generate_series(1, " + ACCOUNTS + ") n");
        all.add("""
                CREATE TABLE public.ledger (
                    id bigint NOT NULL,
                    day date NOT NULL,
                    account_id int NOT NULL%s,
                    debit bigint NOT NULL,
                    credit bigint NOT NULL,
                    version bigint NOT NULL,
                    form int NOT NULL DEFAULT 1,
                    note text,
                    CONSTRAINT ledger_balanced CHECK (debit + credit = 0),
                    PRIMARY KEY (day, id)
                ) PARTITION BY %s""".formatted(withForeignKey ? " REFERENCES public.account" : "", LedgerPartitions.key(kind)));
        all.addAll(LedgerPartitions.ddl(this));
        if (withDefault && kind != Kind.HASH) {
            all.add("CREATE TABLE public.ledger_rest PARTITION OF public.ledger DEFAULT");
        }
        all.add("CREATE INDEX ledger_account ON public.ledger (account_id, day)");
        all.add("CREATE INDEX ledger_version ON public.ledger (version)");
        return all;
    }

    /** The backfill that brings every row into form 2. */
    public Backfill backfill(ApplicationWrites writes, int batchRows, List<String> replicas) {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("debit", "debit * 100");
        set.put("credit", "credit * 100");
        set.put("form", "2");
        Rebuild rebuild = new Rebuild(
                TABLE, PartitionRange.all(), set, "form = 2", writes, LiveWrites.CAPTURE, Duration.ofDays(7));
        return new Backfill(
                "ledger-in-cents", Profile.DEV, rebuild, Pace.unlimited(), batchRows, 1, Map.of(), replicas);
    }
}
