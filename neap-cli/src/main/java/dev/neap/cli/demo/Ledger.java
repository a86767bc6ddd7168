package dev.neap.cli.demo;

import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the application knows that it has committed: the other side of the audit, kept without a look at the database.
 * Each transfer belongs to one writer, so its story has one order.
 */
final class Ledger {
    private final Bank bank;
    private final AtomicLong last;
    private final Map<Long, Transfer> committed = new ConcurrentHashMap<>();
    private final Set<Long> touched = ConcurrentHashMap.newKeySet();
    private final Set<Long> unsure = ConcurrentHashMap.newKeySet();

    Ledger(Bank bank) {
        this.bank = bank;
        this.last = new AtomicLong(bank.transfers());
    }

    /**
     * A transfer as last committed.
     *
     * @param cents the amount of its debit; the credit is the same below zero
     * @param version 1 at first, one more with each write of the application
     */
    record Transfer(long id, LocalDate bookedOn, long cents, int version, boolean deleted) {
        Transfer amount(long newCents) {
            return new Transfer(id, bookedOn, newCents, version + 1, false);
        }

        Transfer movedTo(LocalDate day) {
            return new Transfer(id, day, cents, version + 1, false);
        }

        Transfer noted() {
            return new Transfer(id, bookedOn, cents, version + 1, false);
        }

        Transfer gone() {
            return new Transfer(id, bookedOn, cents, version + 1, true);
        }
    }

    Bank bank() {
        return bank;
    }

    long newId() {
        return last.incrementAndGet();
    }

    /** No transfer has a higher number. */
    long highest() {
        return last.get();
    }

    /** Null when it was never committed. */
    @Nullable
    Transfer find(long id) {
        Transfer known = committed.get(id);
        if (known != null) {
            return known;
        }
        return id >= 1 && id <= bank.transfers() ? new Transfer(id, bank.bookedOn(id), Bank.cents(id), 1, false) : null;
    }

    /** Called before a write is sent, so that a reader knows what may have changed under its eyes. */
    void touch(long id) {
        touched.add(id);
    }

    boolean untouched(long id) {
        return !touched.contains(id);
    }

    void commit(Transfer now) {
        committed.put(now.id(), now);
    }

    /** Nobody knows whether its last write was committed: the connection broke meanwhile. */
    void unsure(long id) {
        unsure.add(id);
    }

    boolean isUnsure(long id) {
        return unsure.contains(id);
    }

    int written() {
        return committed.size();
    }

    Collection<Transfer> writes() {
        return List.copyOf(committed.values());
    }
}
