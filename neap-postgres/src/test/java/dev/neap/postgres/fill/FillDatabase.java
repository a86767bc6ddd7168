package dev.neap.postgres.fill;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Environment;
import dev.neap.dialect.Database;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A database of its own, and fills in it. */
final class FillDatabase implements AutoCloseable {
    static final Tuning SHORT = tuning(Duration.ofMillis(300));

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final PostgresServer server;
    private final String name = "fill_" + NUMBER.incrementAndGet();
    private final Connection connection;
    private final Tuning tuning;

    private FillDatabase(PostgresServer server, Tuning tuning) throws SQLException {
        this.server = server;
        this.tuning = tuning;
        server.createDatabase(name);
        this.connection = server.connect(name);
    }

    static FillDatabase create() throws SQLException {
        return new FillDatabase(PostgresServer.newest(), SHORT);
    }

    /** @param secondWrite how long an application may take from one of its two writes to the other */
    static FillDatabase create(Duration secondWrite) throws SQLException {
        return new FillDatabase(PostgresServer.newest(), tuning(secondWrite));
    }

    private static Tuning tuning(Duration secondWrite) {
        return new Tuning(
                Duration.ofSeconds(2),
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofMinutes(2),
                Duration.ofMinutes(10),
                1_000_000,
                secondWrite);
    }

    static FillDatabase create(PostgresServer server) throws SQLException {
        return new FillDatabase(server, SHORT);
    }

    Connection connect() throws SQLException {
        return server.connect(name);
    }

    void execute(String... statements) throws SQLException {
        try (Statement s = connection.createStatement()) {
            for (String sql : statements) {
                s.execute(sql);
            }
        }
    }

    long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    String text(String sql) throws SQLException {
        try (Statement s = connection.createStatement();
                ResultSet rs = s.executeQuery(sql)) {
            rs.next();
            return String.valueOf(rs.getString(1));
        }
    }

    /** @param fill the file's `fill:` part */
    Backfill backfill(String fill) {
        return backfill("dev", fill);
    }

    Backfill backfill(String profile, String fill) {
        return file("test", profile, fill).backfill();
    }

    Backfill backfillNamed(String name, String fill) {
        return file(name, "dev", fill).backfill();
    }

    static BackfillFile file(String profile, String fill) {
        return file("test", profile, fill);
    }

    private static BackfillFile file(String name, String profile, String fill) {
        try {
            Path file = Files.createTempFile("neap-fill", ".yaml");
            Files.writeString(file, "backfill: " + name + "\nprofile: " + profile + "\n" + fill);
            BackfillFile read = BackfillFile.read(file, Environment.system());
            Files.delete(file);
            return read;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    Neap neap(Probe probe) {
        return new Neap(new PostgresDialect(), server.target(name), tuning, probe);
    }

    /** @param patience how long a lock, or a signal, is waited for */
    Neap patient(Duration patience) {
        return patient(server.target(name), patience);
    }

    /** The same as somebody else. */
    Neap patientAs(String user, Duration patience) {
        return patient(server.target(name, user), patience);
    }

    private Neap patient(ConnectionTarget target, Duration patience) {
        Tuning shorter = new Tuning(
                tuning.lease(),
                tuning.lockDeadline(),
                tuning.courtesy(),
                patience,
                tuning.captureLife(),
                tuning.captureLimit(),
                tuning.secondWrite());
        return new Neap(new PostgresDialect(), target, shorter, Probe.NONE);
    }

    Plan plan(String fill) {
        return neap(Probe.NONE).plan(backfill(fill));
    }

    RunResult run(String fill) {
        return run(backfill(fill), 1);
    }

    RunResult run(Backfill backfill, int workers) {
        return run(backfill, workers, Probe.NONE);
    }

    RunResult run(Backfill backfill, int workers, Probe probe) {
        Neap neap = neap(probe);
        return neap.run(neap.plan(backfill), workers, RunListener.SILENT, new Stop());
    }

    /** @param transform how long a transform in Java may take */
    RunResult run(Backfill backfill, Duration transform) {
        Tuning tuning = new Tuning(
                SHORT.lease(),
                SHORT.lockDeadline(),
                SHORT.courtesy(),
                SHORT.patience(),
                SHORT.captureLife(),
                SHORT.captureLimit(),
                SHORT.secondWrite(),
                transform);
        Neap neap = new Neap(new PostgresDialect(), server.target(name), tuning, Probe.NONE);
        return neap.run(neap.plan(backfill), 1, RunListener.SILENT, new Stop());
    }

    VerifyReport verify(String fill) {
        return verify(fill, VerifyRequest.EVERY_ROW);
    }

    VerifyReport verify(String fill, VerifyRequest request) {
        BackfillFile file = file("test", "dev", fill);
        return neap(Probe.NONE).verify(file.backfill(), file.verification(), request);
    }

    VerifyReport verify(String fill, VerifyRequest request, RunListener listener, Stop stop) {
        BackfillFile file = file("test", "dev", fill);
        return neap(Probe.NONE).verify(file.backfill(), file.verification(), request, listener, stop);
    }

    /** As somebody else. */
    VerifyReport verifyAs(String user, String fill) {
        BackfillFile file = file("test", "dev", fill);
        return new Neap(new PostgresDialect(), server.target(name, user), tuning, Probe.NONE)
                .verify(file.backfill(), file.verification(), VerifyRequest.EVERY_ROW);
    }

    Database open() {
        return new PostgresDialect().open(server.target(name), tuning);
    }

    int port() {
        return server.port();
    }

    String name() {
        return name;
    }

    List<Leftover> leftovers() {
        return neap(Probe.NONE).leftovers();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        server.execute("postgres", "DROP DATABASE " + name + " WITH (FORCE)");
    }
}
