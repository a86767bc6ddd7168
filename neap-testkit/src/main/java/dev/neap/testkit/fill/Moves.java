package dev.neap.testkit.fill;

import dev.neap.testkit.fill.Move.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What one writer does next: to its own keys, which are those whose number has its number as remainder. */
final class Moves {
    private static final int TRIES = 30;
    private static final List<String> TAGS = List.of("amber", "blue", "coral", "dun", "ebony", "fawn");
    private static final int FILMS = 12;
    /** What is written while the fill runs is of a later version. */
    private static final long FIRST_VERSION = 10;

    /** By then the fill's patience with a new key nears its end. */
    private static final long NEARLY_RIPE_NANOS = FillHistory.LEAST_GRACE.toNanos() * 9 / 10;

    /** A new key that the fill has to make: the application's own write of the target met no row. */
    private record Orphan(Key key, long since) {}

    private final FillSetup setup;
    private final FillModel model;
    private final Frontier frontier;
    private final SplittableRandom random;
    private final int number;
    private final List<Key> own = new ArrayList<>();
    private final Set<Long> used = new HashSet<>();
    private final Deque<Orphan> orphans = new ArrayDeque<>();
    private final Deque<Key> graveyard = new ArrayDeque<>();
    private long version = FIRST_VERSION;
    private long increasing = FillSetup.LAST + FillSetup.LAST / 10;

    Moves(DualWriting application, int number, SplittableRandom random) {
        this.setup = application.setup();
        this.model = application.model();
        this.frontier = application.frontier();
        this.random = random;
        this.number = number;
        model.rows().keySet().stream()
                .filter(key -> key.ordinal() % setup.writers() == number)
                .sorted(java.util.Comparator.comparingLong(Key::ordinal))
                .forEach(key -> {
                    own.add(key);
                    used.add(key.ordinal());
                });
    }

    /** A person with random values. */
    static Person person(Key key, long version, FillSetup setup, SplittableRandom random) {
        TreeSet<String> tags = new TreeSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            tags.add(TAGS.get(random.nextInt(TAGS.size())));
        }
        return new Person(
                key,
                version,
                name(version, random),
                random.nextInt(1, 100_000),
                setup.shape() == FillShape.TABLE_WHERE && random.nextInt(5) == 0,
                List.copyOf(tags),
                film(key.ordinal() % setup.writers(), random));
    }

    static String name(long version, SplittableRandom random) {
        return "First" + version + " Last" + random.nextInt(1_000);
    }

    private static long film(long writer, SplittableRandom random) {
        return writer * FILMS + random.nextInt(FILMS);
    }

    /** How many films there are. */
    static int films(FillSetup setup) {
        return setup.writers() * FILMS;
    }

    /** A random move; null when luck found no row for it. */
    @Nullable
    Move next() {
        boolean sourceFirst = random.nextBoolean();
        int dice = random.nextInt(100);
        if (dice < 16) {
            return inserted(Kind.INSERT, fresh());
        }
        if (dice < 26) {
            Key again = graveyard.poll();
            return again == null || model.get(again) != null ? null : inserted(Kind.REINSERT, again);
        }
        Person row = pick();
        if (row == null) {
            return null;
        }
        if (dice < 38) {
            return new Move(Kind.DELETE, row, null, sourceFirst);
        }
        if (dice < 46) {
            if (orphan(row)) {
                return null;
            }
            return new Move(Kind.KEY_CHANGE, row, changed(row).at(fresh()), mayBeTargetFirst() ? sourceFirst : true);
        }
        if (dice < 52) {
            return new Move(Kind.OTHER_COLUMN, row, row, true);
        }
        if (dice < 60 && setup.shape() == FillShape.TABLE_WHERE) {
            return new Move(
                    row.gone() ? Kind.SOFT_RETURN : Kind.SOFT_DELETE,
                    row,
                    row.gone(!row.gone(), ++version),
                    sourceFirst);
        }
        if (dice < 66) {
            return special(row, sourceFirst);
        }
        return new Move(Kind.UPDATE, row, changed(row), mayBeTargetFirst() ? sourceFirst : true);
    }

    /** Its key has changed already and the fill has to make it: a fill cannot follow key after key to its very end. */
    private boolean orphan(Person row) {
        Kept kept = model.get(row.key());
        return kept != null && kept.owner() == Owner.FILL && row.version() > FIRST_VERSION;
    }

    private @Nullable Move special(Person row, boolean sourceFirst) {
        return switch (setup.shape()) {
            case COLUMN_ONCE -> new Move(Kind.ADD, row, row.plus(random.nextInt(1, 500)), true);
            case COLUMN_FROM_OTHER -> new Move(Kind.FILM, row, row, sourceFirst);
            case TABLE, TABLE_WHERE -> {
                // Only on a row of the application's own: on another a second write is not its business yet.
                Kept kept = model.get(row.key());
                yield kept != null && kept.owner() == Owner.APPLICATION && !row.gone()
                        ? new Move(Kind.REMARK, row, row, true)
                        : null;
            }
            default -> null;
        };
    }

    /**
     * In one table, with everything overwritten, a new value that comes before what it is made from, in a transaction
     * of its own, is overwritten by right.
     */
    private boolean mayBeTargetFirst() {
        return setup.shape().otherTable() || setup.conflict() != Conflict.OVERWRITE;
    }

    private Move inserted(Kind kind, Key key) {
        boolean sourceFirst = !setup.shape().otherTable() || random.nextBoolean();
        return new Move(kind, null, person(key, ++version, setup, random), sourceFirst);
    }

    private Person changed(Person row) {
        Person other = person(row.key(), ++version, setup, random);
        return new Person(
                row.key(), other.version(), other.name(), other.units(), row.gone(), other.tags(), other.film());
    }

    /** A key that never was: among the others, before all, after all, or the next one. */
    private Key fresh() {
        while (true) {
            long ordinal = random.nextInt(3) == 0 ? ++increasing : random.nextLong(FillSetup.END);
            ordinal += number - ordinal % setup.writers();
            if (ordinal >= 0 && used.add(ordinal)) {
                Key key = setup.keys().key(ordinal);
                own.add(key);
                return key;
            }
        }
    }

    private @Nullable Person pick() {
        for (int i = 0; i < TRIES; i++) {
            Key near = near();
            Key key = near != null ? near : own.get(random.nextInt(own.size()));
            Kept kept = key.ordinal() % setup.writers() == number ? model.get(key) : null;
            if (kept != null) {
                return kept.source();
            }
        }
        return null;
    }

    /** A key where a fill is to be expected: where it is by now, or one that it has to make anew. */
    private @Nullable Key near() {
        int dice = random.nextInt(20);
        if (dice < 13) {
            return frontier.near(random);
        }
        Orphan next = orphans.peek();
        if (dice > 15 || next == null || System.nanoTime() - next.since() < NEARLY_RIPE_NANOS) {
            return null;
        }
        orphans.remove();
        return next.key();
    }

    /** The move is committed in both places, and wrote so many rows of the target. */
    void done(Move move, int hits) {
        if (hits == 0 && move.kind() == Kind.KEY_CHANGE && orphans.size() < 100) {
            orphans.add(new Orphan(move.made().key(), System.nanoTime()));
        }
        Person before = move.before();
        Person after = move.after();
        if (before != null && (after == null || !after.key().equals(before.key()))) {
            graveyard.add(before.key());
        }
    }
}
