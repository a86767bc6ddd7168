package dev.neap.cli.demo;

import dev.neap.cli.server.OwnServer;
import dev.neap.cli.text.Text;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Several ways, one after the other, each on a fresh copy of the same table and under the same traffic. */
final class Versus {
    private static final long ALONE_MILLIS = 8_000;
    private static final long WARM_MILLIS = 2_000;

    private final OwnServer server;
    private final Bank bank;
    private final long seed;
    private final Consumer<String> tell;

    Versus(OwnServer server, Bank bank, long seed, Consumer<String> tell) {
        this.server = server;
        this.bank = bank;
        this.seed = seed;
        this.tell = tell;
    }

    VersusReport run(List<Way> ways) throws SQLException {
        Demo.fill(server, bank, tell);
        String described = Stage.describe(server.url(Stage.DATABASE));
        List<VersusReport.Line> lines = new ArrayList<>();
        lines.add(alone());
        for (int i = 0; i < ways.size(); i++) {
            lines.add(one(ways.get(i), "versus_" + i));
        }
        return new VersusReport(
                described, bank.rows(), bank.months(), Runtime.getRuntime().availableProcessors(), lines);
    }

    /** Without a rebuild: what the other lines are to be read against. */
    private VersusReport.Line alone() throws SQLException {
        String database = "versus_alone";
        server.copyDatabase(Stage.DATABASE, database);
        Observations.Summary seen;
        try (Application application = Application.start(server.url(database), new Ledger(bank), seed)) {
            application.workFor(WARM_MILLIS);
            application.nextPhase();
            application.workFor(ALONE_MILLIS);
            seen = application.nextPhase();
        }
        server.dropDatabase(database);
        return new VersusReport.Line(
                "no rebuild",
                "the application alone",
                Duration.ZERO,
                seen,
                new Audit.Result(0, 0, 0, 0, 0, 0, List.of()),
                List.of());
    }

    private VersusReport.Line one(Way way, String database) throws SQLException {
        tell.accept("");
        tell.accept(way.name() + ": " + way.how());
        server.copyDatabase(Stage.DATABASE, database);
        Ledger ledger = new Ledger(bank);
        Way.Outcome outcome;
        Observations.Summary during;
        try (Application application = Application.start(server.url(database), ledger, seed)) {
            application.workFor(WARM_MILLIS);
            application.deploy();
            application.nextPhase();
            outcome = way.rebuild(database, application);
            // A write that the way held up ends only now.
            application.workFor(WARM_MILLIS / 2);
            during = application.nextPhase();
        }
        Audit.Result audit = Audit.of(server.url(database), ledger);
        server.dropDatabase(database);
        tell.accept("  " + Text.duration(outcome.took()) + ", longest read "
                + DemoReport.millis(during.longestRead()) + ", longest write "
                + DemoReport.millis(during.longestWrite()) + ", wrong reads " + during.wrongReads()
                + ", lost writes " + audit.lostWrites());
        List<String> remarks = new ArrayList<>(outcome.remarks());
        during.errors().forEach((cause, times) -> remarks.add(times + " × " + cause));
        if (during.wrongReads() > 0) {
            remarks.add("wrong reads: " + during.wrong());
        }
        return new VersusReport.Line(way.name(), way.how(), outcome.took(), during, audit, remarks);
    }
}
