package dev.neap.testkit;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Cutover;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One random history: an application writes to the ledger from several connections while something rebuilds it, and
 * afterwards every row must be as the model has it, in form 2. The seed decides what the application does; the order in
 * which the connections come through is the machine's.
 */
public final class History {
    /** A history has at least this many committed transactions. */
    public static final int LEAST = 2_000;

    private static final Duration FILLING = Duration.ofMinutes(2);

    private final long seed;
    private final SplittableRandom random;
    private final Ledger ledger;
    private final ApplicationWrites writes;
    private final int batchRows;
    private final int switchAfter;
    private final Cutover cutover;
    private final boolean undone;

    /** A history with everything chosen by the seed, but that every partition is swapped. */
    public History(long seed) {
        this(seed, Cutover.SWAP);
    }

    /** A history with everything chosen by the seed, the cutover too. */
    public static History ofAnyCutover(long seed) {
        Cutover[] known = Cutover.values();
        // Not of the history's own randomness: the rest of it is the same whatever the cutover is.
        return new History(seed, known[new SplittableRandom(seed ^ 0x6d65726765L).nextInt(known.length)]);
    }

    /**
     * A history that is to be undone, with everything chosen by the seed. Nothing is merged or truncated in it, since that
     * is not undone, and nobody writes the fixed rows, so that readers can tell a mixed partition. It has few partitions:
     * each is to be rebuilt, put back and rebuilt again.
     */
    public static History toUndo(long seed) {
        boolean holds = new SplittableRandom(seed ^ 0x756e646fL).nextInt(4) == 0;
        return new History(seed, holds ? Cutover.HOLD : Cutover.SWAP, true);
    }

    /** A history with everything else chosen by the seed. */
    public History(long seed, Cutover cutover) {
        this(seed, cutover, false);
    }

    private History(long seed, Cutover cutover, boolean undone) {
        this.seed = seed;
        this.cutover = cutover;
        this.undone = undone;
        this.random = new SplittableRandom(seed);
        int partitions = random.nextInt(8, 13);
        this.ledger = new Ledger(
                undone ? 3 + partitions % 2 : partitions, random.nextBoolean(), random.nextInt(4) > 0, 10, kind(seed));
        this.writes = random.nextInt(4) == 0 ? ApplicationWrites.NEW : ApplicationWrites.OLD;
        this.batchRows = random.nextInt(20, 120);
        this.switchAfter =
                writes == ApplicationWrites.NEW ? 0 : random.nextInt(1, Math.max(2, ledger.partitions() * 3 / 4));
    }

    /** Half of all histories are about ranges. */
    private static Ledger.Kind kind(long seed) {
        Ledger.Kind[] kinds = Ledger.Kind.values();
        int dice = new SplittableRandom(~seed).nextInt(2 * (kinds.length - 1));
        return dice < kinds.length ? kinds[dice] : Ledger.Kind.RANGE;
    }

    /** What rebuilds the ledger: Neap, or something else that a test wants to see fail. Returns when it is done. */
    @FunctionalInterface
    public interface Rebuilder {
        void rebuild(Setting setting) throws Exception;
    }

    /**
     * What a rebuilder gets.
     *
     * @param target the database
     * @param backfill what to do
     * @param listener tell it everything, or the coverage is not known
     * @param probe holds the run up now and then
     * @param follower for a run in another process, instead of the listener: it holds nothing up
     * @param look holds the application still for a moment, and compares every row
     */
    public record Setting(
            ConnectionTarget target,
            Backfill backfill,
            RunListener listener,
            Probe probe,
            RunListener follower,
            Ledger ledger,
            Look look) {
        /** Without an application that could be held still. */
        public Setting(
                ConnectionTarget target,
                Backfill backfill,
                RunListener listener,
                Probe probe,
                RunListener follower,
                Ledger ledger) {
            this(target, backfill, listener, probe, follower, ledger, () -> {
                throw new IllegalStateException("there is no model to compare with");
            });
        }
    }

    /** A comparison in the middle of a history: partitions may be rebuilt, not rebuilt yet, or put back. */
    @FunctionalInterface
    public interface Look {
        StandingReport compare() throws Exception;
    }

    public long seed() {
        return seed;
    }

    public Ledger ledger() {
        return ledger;
    }

    /** Plays the history on this server, in a new database, and compares. */
    public HistoryReport play(PostgresServer server, String database, Rebuilder rebuilder) throws Exception {
        server.createDatabase(database);
        Model model = fill(server, database);
        Phases phases = new Phases(ledger.partitions());
        int writers = random.nextInt(4, 7);
        Application application = new Application(
                () -> server.connect(database), ledger, model, phases, writers, random.nextInt(40, 150));
        Gates gates = new Gates(application, random.split(), undone ? 12 : 24, switchAfter);
        List<String> findings = new ArrayList<>();
        try (application) {
            if (writes == ApplicationWrites.NEW) {
                application.writeNewForm();
            }
            if (undone) {
                application.leaveFixedRows();
            }
            Standing standing = standing(server, database);
            History.Look look = () -> application.quietly(() -> {
                try (Connection connection = server.connect(database)) {
                    return standing.compare(connection, model);
                }
            });
            application.start(random.split());
            Thread.sleep(100);
            Setting setting =
                    new Setting(server.target(database), backfill(), gates, gates, gates::follow, ledger, look);
            rebuilder.rebuild(setting);
            gates.switchForm();
            awaitCommits(application);
        } catch (Exception | AssertionError e) {
            findings.add("the rebuild failed: " + e);
        }
        findings.addAll(application.findings());
        try (Connection connection = server.connect(database)) {
            findings.addAll(Comparison.differences(connection, model, 2));
        }
        return new HistoryReport(
                seed,
                describe(server, writers),
                application.committedSoFar(),
                application.resolvedSoFar(),
                application.coverage(),
                findings,
                application.retries(),
                Duration.ofNanos(application.longestNanos()));
    }

    private static Standing standing(PostgresServer server, String database) throws SQLException {
        try (Connection connection = server.connect(database)) {
            return new Standing(connection);
        }
    }

    private Backfill backfill() {
        Backfill swapping = ledger.backfill(writes, batchRows, List.of());
        return swapping.with(swapping.rebuild().with(cutover));
    }

    private String describe(PostgresServer server, int writers) {
        return "PostgreSQL " + server.major() + ", " + ledger + ", application writes " + writes + ", cutover "
                + cutover + ", batches of " + batchRows + ", " + writers + " writers, new form after " + switchAfter
                + " swaps";
    }

    /** A rebuild quicker than the gates meant it: the application goes on until it has done its part. */
    private static void awaitCommits(Application application) throws InterruptedException {
        long deadline = System.nanoTime() + FILLING.toNanos();
        while (application.committedSoFar() < LEAST && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
    }

    private Model fill(PostgresServer server, String database) throws SQLException {
        Model model = new Model(truncatable());
        Application noOne = new Application(() -> server.connect(database), ledger, model, new Phases(1), 1, 1);
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : ledger.ddl()) {
                statement.execute(sql);
            }
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO public.ledger (id, day, account_id, debit, credit, version, form, note)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
                long own = Application.OWN_IDS;
                long shared = Application.SHARED_IDS;
                for (int partition = 0; partition < ledger.partitions(); partition++) {
                    for (int i = 0; i < ledger.fixedRows() && partition != model.truncatable; i++) {
                        Entry entry = noOne.randomEntry(ledger.fixedId(partition, i), partition, random);
                        model.putFixed(entry);
                        add(insert, entry, 1);
                    }
                    for (int i = random.nextInt(20, 200); i > 0; i--) {
                        Entry entry = noOne.randomEntry(own++, partition, random);
                        // The application was fixed some time ago: part of its rows are in the new form already.
                        int form = writes == ApplicationWrites.NEW && random.nextInt(3) == 0 ? 2 : 1;
                        model.put(entry.stored(0, form));
                        add(insert, entry, form);
                    }
                    for (int i = 0; i < 12; i++) {
                        Entry entry = noOne.randomEntry(shared++, partition, random);
                        if (partition != model.truncatable) {
                            model.putShared(entry);
                            add(insert, entry, 1);
                        }
                    }
                }
                insert.executeBatch();
            }
            connection.commit();
            connection.setAutoCommit(true);
            statement.execute("ANALYZE");
        }
        return model;
    }

    private int truncatable() {
        int one = random.nextInt(3) == 0 ? random.nextInt(ledger.partitions()) : -1;
        return undone ? -1 : one;
    }

    private static void add(PreparedStatement insert, Entry entry, int form) throws SQLException {
        long debit = form == 2 ? entry.amount() * 100 : entry.amount();
        insert.setLong(1, entry.id());
        insert.setObject(2, entry.day());
        insert.setInt(3, entry.account());
        insert.setLong(4, debit);
        insert.setLong(5, -debit);
        insert.setLong(6, entry.version());
        insert.setInt(7, form);
        insert.setString(8, entry.note());
        insert.addBatch();
    }
}
