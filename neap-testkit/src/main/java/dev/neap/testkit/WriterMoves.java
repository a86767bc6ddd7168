package dev.neap.testkit;

import java.sql.SQLException;
import java.util.SplittableRandom;

/** What one writer does next: picks a kind of transaction, and rows for it. */
final class WriterMoves {
    private static final Happening[] COMMON = {
        Happening.INSERT,
        Happening.INSERT,
        Happening.UPDATE,
        Happening.REWRITE,
        Happening.DELETE,
        Happening.REINSERT,
        Happening.KEY_CHANGE,
        Happening.KEY_SWAP,
        Happening.CROSS_OUT,
        Happening.CROSS_IN
    };

    private final Application application;
    private final Model model;
    private final Phases phases;
    private final SplittableRandom random;
    private final WriterRows rows;

    WriterMoves(Application application, int number, SplittableRandom random) {
        this.application = application;
        this.model = application.model();
        this.phases = application.phases();
        this.random = random;
        this.rows = new WriterRows(application, number, random);
    }

    Made make(LedgerTransaction tx, boolean snapshot) throws SQLException, InterruptedException {
        Made made = new Made();
        int partition = partition();
        int dice = random.nextInt(100);
        if (dice < 62) {
            step(tx, made, COMMON[random.nextInt(COMMON.length)], partition, snapshot);
        } else if (dice < 70) {
            throughLeaf(tx, made, partition, snapshot);
        } else if (dice < 77) {
            several(tx, made, partition, snapshot, 1 + random.nextInt(3));
            made.endsInRollback();
            made.saw(Happening.ROLLBACK, partition);
        } else if (dice < 84) {
            savepoint(tx, made, partition, snapshot);
        } else if (dice < 97) {
            several(tx, made, partition, snapshot, 3 + random.nextInt(4));
            made.saw(Happening.MANY_ROWS, partition);
        } else if (dice < 99 || model.truncatable < 0) {
            held(tx, made, partition, snapshot);
        } else {
            truncate(tx, made);
        }
        return made;
    }

    private int partition() {
        int hot = phases.hot();
        return hot >= 0 && random.nextInt(100) < 70
                ? hot
                : random.nextInt(application.ledger().partitions());
    }

    private void several(LedgerTransaction tx, Made made, int partition, boolean snapshot, int count)
            throws SQLException {
        for (int i = 0; i < count; i++) {
            step(tx, made, COMMON[random.nextInt(COMMON.length)], partition, snapshot);
        }
    }

    private void savepoint(LedgerTransaction tx, Made made, int partition, boolean snapshot) throws SQLException {
        several(tx, made, partition, snapshot, 1);
        tx.savepoint();
        several(tx, new Made(), partition, snapshot, 1 + random.nextInt(2));
        tx.backToSavepoint();
        several(tx, made, partition, snapshot, 1);
        made.saw(Happening.SAVEPOINT, partition);
    }

    private void throughLeaf(LedgerTransaction tx, Made made, int partition, boolean snapshot) throws SQLException {
        tx.throughLeaf(partition);
        // What crosses the bound is refused there, so only these.
        Happening[] inside = {Happening.INSERT, Happening.UPDATE, Happening.REWRITE, Happening.DELETE};
        step(tx, made, inside[random.nextInt(inside.length)], partition, snapshot);
        tx.throughParent();
        if (!tx.changes().isEmpty()) {
            made.saw(Happening.LEAF_WRITE, partition);
        }
    }

    /**
     * Stays open. Now and then its first write is to some partition under its own name, which lets a swap of another one
     * pass by, and then it goes through the parent.
     */
    private void held(LedgerTransaction tx, Made made, int partition, boolean snapshot)
            throws SQLException, InterruptedException {
        int first = partition;
        if (random.nextInt(4) == 0) {
            first = random.nextInt(application.ledger().partitions());
            throughLeaf(tx, made, first, snapshot);
        } else {
            step(tx, made, Happening.UPDATE, first, snapshot);
        }
        made.through(phases.of(first));
        int hot = Math.max(0, phases.hot());
        long until = System.nanoTime() + random.nextInt(application.holdMillis() + 1) * 1_000_000L;
        while (System.nanoTime() < until && !application.stopping()) {
            made.through(phases.of(hot));
            Thread.sleep(2);
        }
        several(tx, made, snapshot ? first : hot, snapshot, 1);
    }

    private void truncate(LedgerTransaction tx, Made made) throws SQLException {
        if (random.nextInt(4) > 0 || !model.mayTruncate() || !tx.mayTruncate()) {
            return;
        }
        tx.execute("TRUNCATE public." + Ledger.leaf(model.truncatable));
        made.truncates();
        made.saw(Happening.TRUNCATE, model.truncatable);
    }

    private void step(LedgerTransaction tx, Made made, Happening happening, int partition, boolean snapshot)
            throws SQLException {
        if (!tx.mayTouch(partition)) {
            return;
        }
        switch (happening) {
            case INSERT -> {
                insert(tx, rows.fresh(), partition);
                made.saw(happening, partition);
            }
            case REINSERT -> reinsert(tx, made, partition);
            case CROSS_IN -> cross(tx, made, random.nextInt(application.ledger().partitions()), partition, snapshot);
            case CROSS_OUT ->
                cross(tx, made, partition, random.nextInt(application.ledger().partitions()), snapshot);
            default -> {
                Entry entry = rows.pick(tx, partition, snapshot, happening);
                if (entry != null && entry.partition() == partition) {
                    change(tx, made, happening, entry, snapshot);
                }
            }
        }
    }

    private void change(LedgerTransaction tx, Made made, Happening happening, Entry entry, boolean snapshot)
            throws SQLException {
        if (random.nextInt(3) == 0) {
            tx.check(entry);
        }
        switch (happening) {
            case UPDATE -> {
                if (application.fixed(entry.id()) || random.nextBoolean()) {
                    tx.annotate(entry, entry.noted("note " + random.nextInt(1000)));
                } else {
                    tx.add(entry, random.nextInt(1, 50));
                }
            }
            case REWRITE ->
                tx.rewrite(entry, entry.rewritten(random.nextInt(1, 10_000), 1 + random.nextInt(Ledger.ACCOUNTS)));
            case DELETE -> {
                tx.delete(entry);
                rows.gone(entry.id());
            }
            case KEY_CHANGE -> {
                tx.rekey(entry, entry.named(rows.fresh()));
                rows.gone(entry.id());
            }
            case KEY_SWAP -> {
                if (!swap(tx, entry, snapshot)) {
                    return;
                }
            }
            default -> throw new IllegalStateException("no single row takes " + happening);
        }
        made.saw(happening, entry.partition());
    }

    private boolean swap(LedgerTransaction tx, Entry one, boolean snapshot) throws SQLException {
        Entry other = rows.pick(tx, one.partition(), snapshot, Happening.KEY_SWAP);
        if (other == null || other.id() == one.id() || other.partition() != one.partition()) {
            return false;
        }
        Entry aside = one.named(rows.aside());
        Entry first = other.named(one.id());
        Entry second = aside.named(other.id());
        tx.rekey(one, aside);
        tx.rekey(other, first);
        tx.rekey(aside, second);
        return true;
    }

    private void insert(LedgerTransaction tx, long id, int partition) throws SQLException {
        tx.insert(application.randomEntry(id, partition, random));
    }

    private void reinsert(LedgerTransaction tx, Made made, int partition) throws SQLException {
        Long id = rows.deleted();
        if (id == null) {
            return;
        }
        if (tx.get(id) == null) {
            insert(tx, id, partition);
            made.saw(Happening.REINSERT, partition);
        }
        rows.back(id);
    }

    private void cross(LedgerTransaction tx, Made made, int from, int to, boolean snapshot) throws SQLException {
        if (from == to || !tx.mayTouch(from) || !tx.mayTouch(to)) {
            return;
        }
        Entry entry = rows.pick(tx, from, snapshot, Happening.CROSS_OUT);
        if (entry != null && entry.partition() == from) {
            tx.rekey(entry, entry.on(Ledger.randomDay(to, random)));
            made.saw(Happening.CROSS_OUT, from);
            made.saw(Happening.CROSS_IN, to);
        }
    }
}
