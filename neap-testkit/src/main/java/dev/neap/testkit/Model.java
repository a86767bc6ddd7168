package dev.neap.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger must hold, by id. A writer changes it only after its transaction has committed. It is exact although
 * the writers run side by side: each id belongs to one writer, or is shared and then locked here for as long as the
 * transaction lasts.
 */
final class Model {
    private static final int REMEMBERED = 8;
    private static final int MOST_TRUNCATIONS = 3;

    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();
    private final Map<Long, ReentrantLock> locks = new ConcurrentHashMap<>();
    private final Map<Long, Deque<String>> journal = new ConcurrentHashMap<>();
    private final List<Long> shared = new ArrayList<>();

    /** Held to write in the partition that may be truncated, for writing to truncate it. */
    final ReentrantReadWriteLock truncation = new ReentrantReadWriteLock();

    /** The one partition that may be truncated; -1 for none. */
    final int truncatable;

    private final AtomicInteger truncations = new AtomicInteger();

    Model(int truncatable) {
        this.truncatable = truncatable;
    }

    void put(Entry entry) {
        entries.put(entry.id(), entry);
    }

    /** A row for all writers. */
    void putShared(Entry entry) {
        putFixed(entry);
        shared.add(entry.id());
    }

    /** A row that all writers may annotate, and nothing else. */
    void putFixed(Entry entry) {
        put(entry);
        locks.put(entry.id(), new ReentrantLock());
    }

    @Nullable
    Entry get(long id) {
        return entries.get(id);
    }

    List<Long> sharedIds() {
        return shared;
    }

    /** The lock of a shared id; empty when the id belongs to one writer. */
    Optional<ReentrantLock> lock(long id) {
        return Optional.ofNullable(locks.get(id));
    }

    void apply(Map<Long, Optional<Entry>> changes, String how) {
        changes.forEach((id, change) -> {
            change.ifPresentOrElse(this::put, () -> entries.remove(id));
            note(id, how + " -> " + change.map(entry -> entry.inForm(0)).orElse("gone"));
        });
    }

    /** A unit goes back to its beginning for each of them, and that is bounded: a slow machine must not meet the bound. */
    boolean mayTruncate() {
        return truncations.get() < MOST_TRUNCATIONS;
    }

    void truncate(String how) {
        truncations.incrementAndGet();
        entries.values().removeIf(entry -> {
            boolean gone = entry.partition() == truncatable;
            if (gone) {
                note(entry.id(), how);
            }
            return gone;
        });
    }

    private void note(long id, String what) {
        Deque<String> lines = journal.computeIfAbsent(id, unused -> new ArrayDeque<>());
        synchronized (lines) {
            if (lines.size() == REMEMBERED) {
                lines.removeFirst();
            }
            lines.add(what);
        }
    }

    /** The last committed writes of a row, for a failure message. */
    String journal(long id) {
        Deque<String> lines = journal.get(id);
        if (lines == null) {
            return "never written";
        }
        synchronized (lines) {
            return String.join("; ", lines);
        }
    }

    Map<Long, Entry> entries() {
        return entries;
    }
}
