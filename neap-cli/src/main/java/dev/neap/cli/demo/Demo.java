package dev.neap.cli.demo;

import dev.neap.cli.progress.Progress;
import dev.neap.cli.server.OwnServer;
import dev.neap.cli.text.Text;
import dev.neap.dialect.Leftover;
import dev.neap.plan.Plan;
import dev.neap.run.RunResult;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;

/** One rebuild under traffic, from an empty folder to a report. */
final class Demo {
    /** How long the application works alone, before and after. */
    private static final long ALONE_MILLIS = 3_000;

    private final OwnServer server;
    private final Bank bank;
    private final long seed;
    private final Consumer<String> tell;
    private final Function<Plan, Progress> progress;
    private final Ledger ledger;

    Demo(OwnServer server, Bank bank, long seed, Consumer<String> tell, Function<Plan, Progress> progress) {
        this.server = server;
        this.bank = bank;
        this.seed = seed;
        this.tell = tell;
        this.progress = progress;
        this.ledger = new Ledger(bank);
    }

    DemoReport run() throws SQLException {
        fill(server, bank, tell);
        String url = server.url(Stage.DATABASE);
        List<String> before = Stage.catalog(url);
        NeapWay neap = new NeapWay(server, progress);
        Observations.Summary alone;
        Observations.Summary during;
        Way.Outcome outcome;
        try (Application application = Application.start(url, ledger, seed)) {
            tell.accept("An application books, changes, moves, deletes and reads on 7 connections. It writes euros.");
            application.workFor(ALONE_MILLIS);
            alone = application.nextPhase();
            tell.accept("The fixed application is deployed: it writes cents. The history is still in euros.");
            application.deploy();
            tell.accept("");
            tell.accept("The backfill file:");
            tell.accept(Text.indent(NeapWay.backfill(server.address(Stage.DATABASE)), 4));
            tell.accept("");
            outcome = neap.rebuild(Stage.DATABASE, application);
            application.workFor(ALONE_MILLIS / 3);
            during = application.nextPhase();
        }
        tell.accept("Comparing every row with what the application knows that it committed.");
        Audit.Result audit = Audit.of(url, ledger);
        boolean catalogSame = Stage.catalog(url).equals(before);
        return report(Stage.describe(url), neap, outcome, alone, during, audit, catalogSame);
    }

    /** Made once; copied where several ways are compared. */
    static void fill(OwnServer server, Bank bank, Consumer<String> tell) throws SQLException {
        long start = System.nanoTime();
        Stage.fill(server, bank);
        tell.accept(Stage.describe(server.url(Stage.DATABASE)) + ", on port " + server.port());
        tell.accept(Bank.TABLE + ": " + Text.count(bank.rows()) + " rows in "
                + Text.count(bank.months(), "monthly partition") + ", made in "
                + Text.duration(Duration.ofNanos(System.nanoTime() - start)));
    }

    private DemoReport report(
            String described,
            NeapWay neap,
            Way.Outcome outcome,
            Observations.Summary alone,
            Observations.Summary during,
            Audit.Result audit,
            boolean catalogSame) {
        RunResult result = neap.result();
        RunWatch.Summary watched = neap.watched();
        List<Leftover> kept = neap.kept(Stage.DATABASE);
        List<String> problems = new ArrayList<>(outcome.remarks());
        problems.addAll(audit.examples());
        problems.addAll(during.examples());
        double seconds = Math.max(outcome.took().toMillis(), 1) / 1000.0;
        return new DemoReport(
                described,
                result.outcome().name().toLowerCase(Locale.ROOT),
                result.rows(),
                bank.months(),
                outcome.took(),
                Math.round(result.rows() / seconds),
                result.waited(),
                watched.waited(),
                result.changesReplayed(),
                result.rowsMended(),
                watched.longestLock(),
                watched.verified(),
                watched.verifying(),
                alone,
                during,
                audit,
                catalogSame,
                kept.size(),
                kept.stream().mapToLong(Leftover::bytes).sum(),
                problems);
    }

    /** Goes on working on the rebuilt table. */
    Application goOn() {
        Application application = Application.start(server.url(Stage.DATABASE), ledger, seed + 100);
        application.deploy();
        return application;
    }
}
