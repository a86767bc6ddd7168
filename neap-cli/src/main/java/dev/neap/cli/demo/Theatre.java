package dev.neap.cli.demo;

import dev.neap.cli.progress.Progress;
import dev.neap.cli.server.OwnServer;
import dev.neap.cli.server.Programs;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a demo is played: a PostgreSQL server of its own, with durable settings, which is stopped and deleted when this is
 * closed, and at the end of the JVM at the latest.
 */
public final class Theatre implements AutoCloseable {
    private final Bank bank;
    private final long seed;
    private final Consumer<String> tell;
    private final Function<Plan, Progress> progress;
    private final OwnServer server;
    private @Nullable Demo played;

    private Theatre(Bank bank, long seed, Consumer<String> tell, Function<Plan, Progress> progress, OwnServer server) {
        this.bank = bank;
        this.seed = seed;
        this.tell = tell;
        this.progress = progress;
        this.server = server;
    }

    /**
     * What came of it.
     *
     * @param good whether every check passed
     * @param lines for people
     * @param data the same for programs: a record
     * @param picture the same as an SVG; empty where there is none
     */
    public record Shown(boolean good, List<String> lines, Object data, String picture) {
        public Shown {
            lines = List.copyOf(lines);
        }
    }

    /**
     * Starts the server.
     *
     * @param rows about how many rows the table has, at least two a month
     * @param months how many partitions it has, at least 1
     * @param seed of the application's choices
     * @param tell hears what goes on, line by line
     * @param progress shows the run of a plan
     * @throws NeapException when the server does not start; the message says what to do
     */
    public static Theatre open(
            long rows, int months, long seed, Consumer<String> tell, Function<Plan, Progress> progress) {
        Bank bank = Bank.of(rows, months);
        tell.accept("Starting a PostgreSQL server of the demo's own; it goes when the demo ends.");
        // Besides the table there are a copy of it, and what the ways build beside it.
        return new Theatre(bank, seed, tell, progress, OwnServer.start("demo", Programs.bundled(), bank.rows() * 2));
    }

    /** One rebuild under traffic. */
    public Shown demo() {
        Demo demo = new Demo(server, bank, seed, tell, progress);
        DemoReport report = play(demo::run);
        played = demo;
        return new Shown(report.good(), report.lines(), report, "");
    }

    /** The same rebuild in three ways. */
    public Shown versus() {
        List<Way> ways = List.of(new OneStatement(server), new UsualRecipe(server), new NeapWay(server, progress));
        VersusReport report = play(() -> new Versus(server, bank, seed, tell).run(ways));
        return new Shown(report.good(), report.text(), report, VersusPicture.of(report));
    }

    /** What to try while it is kept running. */
    public List<String> invitation() {
        String file = server.file(Stage.DATABASE + ".yaml").toString();
        String address = server.address(Stage.DATABASE);
        return List.of(
                "The server and the application keep running; Ctrl-C stops and deletes them. In another terminal, try:",
                "",
                "  psql '" + address + "'",
                "  neap status " + file,
                "  neap plan " + file,
                "  neap cleanup " + file,
                "  neap init '" + address + "' bank.entry      begins a backfill of your own, under this traffic");
    }

    /** Lets the application go on after {@link #demo}, until the JVM is told to end. */
    public void goOn() {
        if (played == null) {
            throw new IllegalStateException("nothing was played yet");
        }
        try (Application application = played.goOn()) {
            application.workFor(Long.MAX_VALUE);
        }
    }

    private interface Play<T> {
        T play() throws SQLException;
    }

    private <T> T play(Play<T> play) {
        try {
            return play.play();
        } catch (SQLException | RuntimeException e) {
            if (server.ending()) {
                // Ctrl-C took the server away; an error message would only hide that.
                awaitTheEnd();
            }
            throw e instanceof RuntimeException known
                    ? known
                    : new NeapException(NeapException.Kind.STOP, "the demo's server: " + e.getMessage(), e);
        }
    }

    private static void awaitTheEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
