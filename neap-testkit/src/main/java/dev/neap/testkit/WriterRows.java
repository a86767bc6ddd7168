package dev.neap.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The rows that one writer may take: its own, which are the ids with its number as remainder, and the shared ones. */
final class WriterRows {
    private static final int TRIES = 24;
    /** Far from all other ids: where a row waits while two others exchange theirs. */
    private static final long ASIDE = 1_000_000_000_000L;

    private final Application application;
    private final Model model;
    private final SplittableRandom random;
    private final List<Long> own = new ArrayList<>();
    private final Deque<Long> graveyard = new ArrayDeque<>();
    private final int number;
    private long next;

    WriterRows(Application application, int number, SplittableRandom random) {
        this.application = application;
        this.model = application.model();
        this.random = random;
        this.number = number;
        this.next = Application.OWN_IDS * 2 / application.writers() * application.writers() + number;
        model.entries().keySet().stream()
                .filter(id -> id >= Application.OWN_IDS && id < Application.SHARED_IDS)
                .filter(id -> id % application.writers() == number)
                .sorted()
                .forEach(own::add);
    }

    long fresh() {
        next += application.writers();
        own.add(next);
        return next;
    }

    long aside() {
        return next + ASIDE;
    }

    /** A key that was deleted once; null when there is none. It may have come back by a rollback. */
    @Nullable
    Long deleted() {
        return graveyard.poll();
    }

    void back(long id) {
        own.add(id);
    }

    void gone(long id) {
        if (id % application.writers() == number) {
            graveyard.add(id);
        }
    }

    /** A row of this partition, if luck finds one: one's own, or a shared one that nobody else has. */
    @Nullable
    Entry pick(LedgerTransaction tx, int partition, boolean snapshot, Happening happening) {
        if (happening == Happening.UPDATE
                && !snapshot
                && random.nextInt(5) == 0
                && partition != model.truncatable
                && !application.leavesFixedRows()) {
            long id = application
                    .ledger()
                    .fixedId(partition, random.nextInt(application.ledger().fixedRows()));
            return tx.mayTouch(id) ? tx.get(id) : null;
        }
        List<Long> shared = model.sharedIds();
        // A snapshot taken before another writer's commit cannot see the shared row as the model has it. A key change
        // would take a shared id out of the shared ones.
        boolean mayShare = !snapshot
                && happening != Happening.KEY_CHANGE
                && happening != Happening.KEY_SWAP
                && happening != Happening.DELETE;
        for (int i = 0; i < TRIES; i++) {
            boolean sharing = mayShare && random.nextInt(4) == 0 && !shared.isEmpty();
            List<Long> from = sharing ? shared : own;
            if (from.isEmpty()) {
                return null;
            }
            int index = random.nextInt(from.size());
            long id = from.get(index);
            Entry entry = tx.get(id);
            if (entry == null && !sharing) {
                own.set(index, own.get(own.size() - 1));
                own.remove(own.size() - 1);
            }
            if (entry != null && entry.partition() == partition && tx.mayTouch(id)) {
                return tx.get(id);
            }
        }
        return null;
    }
}
