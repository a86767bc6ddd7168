package dev.neap.testkit.fill;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What must be in the target, by key. It is exact although the writers run side by side: each key and each film belongs
 * to one writer, who tells the model only after both places are committed.
 */
final class FillModel {
    private static final int REMEMBERED = 10;

    private final Conflict conflict;
    private final Map<Key, Kept> rows = new ConcurrentHashMap<>();
    private final Map<Long, Integer> films = new ConcurrentHashMap<>();
    private final Map<Key, Deque<String>> journal = new ConcurrentHashMap<>();
    private final long began = System.nanoTime();

    FillModel(Conflict conflict) {
        this.conflict = conflict;
    }

    Map<Key, Kept> rows() {
        return rows;
    }

    @Nullable
    Kept get(Key key) {
        return rows.get(key);
    }

    void put(Kept kept) {
        rows.put(kept.source().key(), kept);
    }

    /** The key that the server shows like this; null when nobody ever wrote it. */
    @Nullable
    Key known(List<String> parts) {
        return journal.keySet().stream()
                .filter(key -> key.parts().equals(parts))
                .findAny()
                .orElse(null);
    }

    /** The length of each film. */
    Map<Long, Integer> films() {
        return films;
    }

    /** The owner of what the application has written. */
    Owner written() {
        return conflict == Conflict.OVERWRITE ? Owner.EITHER : Owner.APPLICATION;
    }

    /** Rows that are known to stand in the target must be hit by a write. */
    boolean mustHit(Key key) {
        Kept kept = rows.get(key);
        return kept != null && kept.stands() && conflict != Conflict.OVERWRITE;
    }

    /**
     * A move is committed in both places.
     *
     * @param hits how many rows of the target it wrote: none means that the row is the fill's to make
     */
    void apply(Move move, int hits, String how) {
        Person after = move.after();
        Person before = move.before();
        Kept was = before == null ? null : rows.get(before.key());
        if (before != null && (after == null || !after.key().equals(before.key()))) {
            rows.remove(before.key());
        }
        if (after != null && was != null && move.kind() == Move.Kind.ADD) {
            put(new Kept(after, after, was.owner(), null));
        } else if (after != null) {
            boolean hit = hits > 0 && !after.gone();
            put(new Kept(after, after, hit ? written() : Owner.FILL, hit && was != null ? was.remark() : null));
        }
        String line = how + " " + move.kind() + " " + move.order() + " hit " + hits + " -> " + after;
        note(move.any().key(), line);
        if (after != null && !after.key().equals(move.any().key())) {
            note(after.key(), line);
        }
    }

    /** All rows made from a film were written by the application. */
    void applyFilm(long film, int length, String how) {
        films.put(film, length);
        List<Kept> made = rows.values().stream()
                .filter(kept -> kept.source().film() == film)
                .toList();
        for (Kept kept : made) {
            put(kept.by(written()));
            note(kept.source().key(), how + " film " + film + " -> " + length);
        }
    }

    void note(Key key, String what) {
        Deque<String> lines = journal.computeIfAbsent(key, unused -> new ArrayDeque<>());
        synchronized (lines) {
            if (lines.size() == REMEMBERED) {
                lines.removeFirst();
            }
            lines.add((System.nanoTime() - began) / 1_000_000 + " ms: " + what);
        }
    }

    /** The last writes of a key, for a failure message. */
    String journal(Key key) {
        Deque<String> lines = journal.get(key);
        if (lines == null) {
            return "never written";
        }
        synchronized (lines) {
            return String.join("; ", lines);
        }
    }
}
