package dev.neap.testkit.fill;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.run.Probe;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One random history: an application writes its rows in two places, in either order, in one transaction or in two, while
 * something fills the second place from the first. Afterwards the target must be as the model has it. The seed decides
 * what the application does; the order in which the connections come through is the machine's.
 *
 * <p>What is right at the end, for each key:
 *
 * <ul>
 *   <li>A key that is not in the source, or that `where` leaves out, has no row in the target.
 *   <li>A row of the source that the application's last write also wrote in the target stands as the application wrote
 *       it, and is signed by it. That holds for `keep`, and for `newer` too, as the source is never newer once both
 *       places are written. Under `overwrite` the fill may have written the same values over it, so either may have
 *       signed; a fill that came between the two writes of an application that wrote the target first must have been
 *       mended.
 *   <li>Where the application's last write of the target met no row, the row is the fill's: made from the source's last
 *       state, and signed by the fill; or not there, when the key is out of the bounds of the fill.
 *   <li>A row that was there before anybody began: kept as it is under `keep`, and under `newer` when the source is not
 *       newer; made anew otherwise.
 *   <li>A column that only the application writes is never lost.
 * </ul>
 *
 * <p>Left out, because no end would be the right one: a key that comes back, or changes into an old one, is put into the
 * target by an upsert, for a fill may not have taken back what it put there before the delete; and in one table under
 * `overwrite` the application does not write a new value before, and in another transaction than, what it is made from.
 * A second write may fail once the fill's grace of {@link #LEAST_GRACE} has passed since the first.
 */
public final class FillHistory {
    /** The application's second write begins this long after its first was committed, at most, but for a busy machine. */
    public static final Duration LONGEST_DELAY = Duration.ofMillis(120);

    /** For at least so long a fill must leave a key alone that is new in the source: its second write may come yet. */
    public static final Duration LEAST_GRACE = Duration.ofSeconds(1);

    /** A history has at least this many committed moves. */
    public static final int LEAST = 250;

    private static final int WARM_UP_MILLIS = 150;
    private static final long LONGEST_PAUSES_MILLIS = 2_500;
    private static final String OLD_NAME = "Old Name";

    private final long seed;
    private final SplittableRandom random;
    private final FillSetup setup;
    private final Places places;
    private final FillModel model;
    private final @Nullable Path jar;

    /** A history for PostgreSQL with everything chosen by the seed. */
    public FillHistory(long seed) {
        this(seed, new PostgresWords());
    }

    /** A history in the words of an engine with everything else chosen by the seed. */
    public FillHistory(long seed, Words words) {
        this(seed, shape(seed, words.shapes()), words);
    }

    private static FillShape shape(long seed, List<FillShape> shapes) {
        return shapes.get(new SplittableRandom(~seed).nextInt(shapes.size()));
    }

    /** A history for PostgreSQL with everything else chosen by the seed. */
    public FillHistory(long seed, FillShape shape) {
        this(seed, shape, new PostgresWords());
    }

    /** A history with everything else chosen by the seed. */
    public FillHistory(long seed, FillShape shape, Words words) {
        this(seed, shape, words, null);
    }

    /**
     * The same by a transform in Java.
     *
     * @param jar what {@link HistoryTransforms#jar} made; null for SQL
     */
    public FillHistory(long seed, FillShape shape, Words words, @Nullable Path jar) {
        this(seed, shape, words, jar, false);
    }

    /**
     * The same in SQL, or in Java, or beside an application that writes the source alone.
     *
     * @param trigger a trigger stands in for the application; the shape must have another table
     */
    FillHistory(long seed, FillShape shape, Words words, @Nullable Path jar, boolean trigger) {
        this.seed = seed;
        this.jar = jar;
        this.random = new SplittableRandom(seed);
        FillSetup drawn = FillSetup.of(shape, words, random);
        this.setup = trigger ? drawn.byTrigger() : drawn;
        this.places = Places.of(setup);
        this.model = new FillModel(setup.conflict());
    }

    /** What fills: Neap, or something else that a test wants to see fail. Returns when it is done. */
    @FunctionalInterface
    public interface Filler {
        void fill(Setting setting) throws Exception;
    }

    /**
     * What a filler gets.
     *
     * @param target the database
     * @param yaml the backfill file
     * @param workers how many workers the run shall have
     * @param probe holds the run up now and then, some seconds in all
     * @param statement the fill as one statement, right while nobody writes; with a condition on the source's rows that
     *     begins with AND, or an empty one
     * @param quiet does something while nothing of the application's is half done
     */
    public record Setting(
            ConnectionTarget target, String yaml, int workers, Probe probe, Statement statement, Quiet quiet) {}

    /** Today's way. */
    @FunctionalInterface
    public interface Statement {
        String of(String which);
    }

    /** Holds the application still for as long as something is done. */
    @FunctionalInterface
    public interface Quiet {
        void run(Callable<?> what) throws Exception;
    }

    FillSetup setup() {
        return setup;
    }

    public FillShape shape() {
        return setup.shape();
    }

    public long seed() {
        return seed;
    }

    /** Plays the history on this server, in a new database, and compares. */
    public FillReport play(PostgresServer server, String database, Filler filler) throws Exception {
        return play(FillEngine.of(server), database, filler);
    }

    /** The same on a server of the engine in whose words the history is. */
    public FillReport play(FillEngine server, String database, Filler filler) throws Exception {
        server.createDatabase(database);
        Frontier frontier = new Frontier(prepare(server, database));
        DualWriting application = new DualWriting(() -> server.connect(database), setup, places, model, frontier);
        List<String> findings = new ArrayList<>();
        try (application) {
            application.start(random.split());
            Thread.sleep(WARM_UP_MILLIS);
            filler.fill(new Setting(
                    server.target(database),
                    places.yaml(server.url(database), jar),
                    setup.workers(),
                    pauses(random.split()),
                    places::plain,
                    application::quietly));
            goOn(application);
        } catch (Exception e) {
            findings.add("the fill failed: " + e);
        }
        findings.addAll(application.tally().findings());
        try (Session session = new Session(server.connect(database), places.words, new FillTally())) {
            findings.addAll(FillComparison.findings(session, places, model));
        }
        FillTally tally = application.tally();
        return new FillReport(
                seed,
                setup.shape(),
                server.name() + (jar == null ? "" : ", in Java") + ", " + setup,
                tally.committedSoFar(),
                tally.counts(),
                findings,
                tally.retries(),
                Duration.ofNanos(tally.longestNanos()));
    }

    /** Whatever the fill has left behind must not be in the application's way. */
    private static void goOn(DualWriting application) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        int until = Math.max(LEAST, application.tally().committedSoFar() + LEAST / 5);
        while (application.tally().committedSoFar() < until && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
    }

    /** Dawdles at the points of a run, so that a short run meets more of the application. */
    private static Probe pauses(SplittableRandom random) {
        AtomicInteger left = new AtomicInteger((int) LONGEST_PAUSES_MILLIS);
        return point -> {
            int millis;
            synchronized (random) {
                millis = random.nextInt(3) == 0 ? random.nextInt(25) : 0;
            }
            if (left.addAndGet(-millis) > 0) {
                try {
                    Thread.sleep(millis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    /** Makes the tables and their first rows; returns the keys as the server sorts them. */
    private List<Key> prepare(FillEngine server, String database) throws SQLException {
        try (Session session = new Session(server.connect(database), places.words, new FillTally())) {
            for (String sql : places.ddl()) {
                session.execute(sql);
            }
            session.execute("BEGIN");
            if (places instanceof FilmTables films) {
                for (long film = 0; film < Moves.films(setup); film++) {
                    int length = random.nextInt(60, 200);
                    films.film(session, film, length);
                    model.films().put(film, length);
                }
            }
            Set<Long> ordinals = new HashSet<>();
            while (ordinals.size() < setup.rows()) {
                long ordinal = random.nextLong(FillSetup.FIRST, FillSetup.LAST);
                if (ordinals.add(ordinal)) {
                    first(session, Moves.person(setup.keys().key(ordinal), 1, setup, random));
                }
            }
            session.execute("COMMIT");
            for (String sql : places.words.analyze(List.of(places.from()))) {
                session.execute(sql);
            }
            Map<List<String>, Key> known = new HashMap<>();
            model.rows().keySet().forEach(key -> known.put(key.parts(), key));
            List<Key> sorted = new ArrayList<>();
            for (List<String> parts : session.rows("SELECT " + setup.keys().texts() + " FROM " + places.from()
                    + " ORDER BY " + setup.keys().list())) {
                Key key = known.get(parts);
                if (key == null) {
                    throw new IllegalStateException("the server shows a key as " + parts);
                }
                sorted.add(key);
            }
            return sorted;
        }
    }

    private void first(Session session, Person person) throws SQLException {
        Move insert = new Move(Move.Kind.INSERT, null, person, true);
        places.source(session, insert);
        int dice = person.gone() || setup.trigger() ? 9 : random.nextInt(10);
        Person old = dice < 3 ? old(person) : null;
        if (old != null) {
            Move second = setup.shape().otherTable()
                    ? new Move(Move.Kind.INSERT, null, old, true)
                    : new Move(Move.Kind.UPDATE, person, old, true);
            places.target(session, second, true, Places.OLD);
            boolean stays = setup.conflict() == Conflict.KEEP
                    || old.version() > person.version()
                    || !setup.filled(person.key());
            model.put(new Kept(person, stays ? old : person, stays ? Owner.OLD : Owner.FILL, null));
        } else if (dice < 5) {
            places.target(session, insert, true, Places.APPLICATION);
            model.put(new Kept(person, person, model.written(), null));
        } else {
            model.put(new Kept(person, person, Owner.FILL, null));
        }
    }

    /** What stands in the target from another time; null where there can be no such thing. */
    private @Nullable Person old(Person person) {
        return switch (setup.shape()) {
            case COLUMN_FROM_OTHER -> null;
            case COLUMN_ONCE -> person;
            default -> person.as(OLD_NAME, setup.conflict() == Conflict.NEWER && random.nextBoolean() ? 5 : 0);
        };
    }
}
