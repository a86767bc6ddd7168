package dev.neap.testkit;

import dev.neap.backfill.ConnectionTarget;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server on this machine, with its own data directory, which is deleted when it is closed. The server
 * keeps its port over a restart. The one user at the start is `postgres`; nobody needs a password. Methods may be called
 * from several threads, except those that stop or start the server.
 */
public final class PostgresServer implements AutoCloseable {
    /** The superuser. */
    public static final String ADMIN = "postgres";

    static final Duration STARTUP = Duration.ofSeconds(60);
    private static final Map<Integer, PostgresServer> SHARED = new ConcurrentHashMap<>();

    private final int major;
    private final Path home;
    private final Map<String, String> settings;
    private final Duration patience;
    private @Nullable EmbeddedPostgres running;
    private final int port = Ports.next();

    PostgresServer(int major, Path home, Map<String, String> settings, Duration patience) {
        this.major = major;
        this.patience = patience;
        this.home = home;
        this.settings = new TreeMap<>(settings);
    }

    /** The newest supported version, shared by the whole JVM. */
    public static PostgresServer newest() {
        return of(PostgresBinaries.NEWEST);
    }

    /** The oldest supported version, shared by the whole JVM. */
    public static PostgresServer oldest() {
        return of(PostgresBinaries.OLDEST);
    }

    /**
     * The major versions to test on: the newest and the oldest, or every one of them with `-Dneap.postgres=all`, or those
     * that it names, such as `-Dneap.postgres=15,16`.
     */
    public static Stream<Integer> tested() {
        String asked = System.getProperty("neap.postgres", "");
        if (asked.isEmpty()) {
            return Stream.of(PostgresBinaries.NEWEST, PostgresBinaries.OLDEST);
        }
        return asked.equals("all")
                ? IntStream.rangeClosed(PostgresBinaries.OLDEST, PostgresBinaries.NEWEST)
                        .boxed()
                : Stream.of(asked.split(",")).map(Integer::valueOf);
    }

    /** A server of this major version, shared by the whole JVM: leave it running, use databases of your own. */
    public static PostgresServer of(int major) {
        return SHARED.computeIfAbsent(
                major, wanted -> start(wanted, Map.of("max_prepared_transactions", "10", "wal_level", "logical")));
    }

    /**
     * A fresh server of one's own, of the newest version, to be closed: its log's writer sleeps, so that a kill loses what
     * nobody has waited for.
     */
    public static PostgresServer forgetful() {
        return start(
                PostgresBinaries.NEWEST,
                Map.of(
                        "fsync", "on",
                        "synchronous_commit", "on",
                        "wal_writer_delay", "10s",
                        "wal_writer_flush_after", "1GB",
                        "wal_buffers", "64MB",
                        "bgwriter_lru_maxpages", "0",
                        "autovacuum", "off"));
    }

    /**
     * A fresh server of one's own, to be closed.
     *
     * @param settings server settings over the defaults, which are those of a test: `fsync` and `synchronous_commit` off
     * @throws IllegalStateException when it does not start; the message holds the end of the server's log
     */
    public static PostgresServer start(int major, Map<String, String> settings) {
        return start(major, settings, STARTUP);
    }

    static PostgresServer start(int major, Map<String, String> settings, Duration patience) {
        PostgresServer server = new PostgresServer(major, newHome(major), settings, patience);
        server.start();
        return server;
    }

    static Path newHome(int major) {
        try {
            Path home = Files.createTempDirectory("neap-postgres-" + major + "-");
            DataFolder.deleteAtExit(home);
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it again after {@link #stop} or {@link #kill}, on the same port, with the same data. */
    public void start() {
        if (running != null) {
            throw new IllegalStateException("the server runs already");
        }
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setPgBinaryResolver(PostgresBinaries.of(major))
                .setDataDirectory(data())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setLocaleConfig("locale", "C.UTF-8")
                // After a checkpoint pages are logged whole: what is measured must not depend on when one comes.
                .setServerConfig("checkpoint_timeout", "1h")
                .setPort(port)
                .setPGStartupWait(patience)
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log().toFile()));
        settings.forEach(builder::setServerConfig);
        try {
            EmbeddedPostgres started = builder.start();
            running = started;
            DataFolder.killAtExit(started.getProcess());
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException("PostgreSQL " + major + " did not start: " + e + "\n" + logTail(), e);
        }
    }

    /** Stops it as `pg_ctl stop -m fast` does: sessions are ended, data is written. */
    public void stop() {
        EmbeddedPostgres server = required();
        running = null;
        try {
            server.close();
            server.getProcess().onExit().get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("PostgreSQL did not stop: " + e, e);
        }
    }

    /** Stops and starts it; sessions are lost. */
    public void restart() {
        stop();
        start();
    }

    /** SIGKILL to the postmaster and to all its children, as a power cut would. */
    public void kill() {
        EmbeddedPostgres server = required();
        running = null;
        ProcessHandle postmaster = postmaster();
        // From now on it makes no children that nobody would know of.
        signal("-STOP", postmaster);
        List<ProcessHandle> family = postmaster.descendants().toList();
        postmaster.destroyForcibly();
        family.forEach(ProcessHandle::destroyForcibly);
        awaitEnd(postmaster);
        try {
            Files.deleteIfExists(data().resolve("postmaster.pid"));
            // Lets go of the lock file; the pg_ctl in it finds nothing to stop.
            server.close();
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException("the killed server's lock file could not be let go: " + e, e);
        }
    }

    private static void signal(String which, ProcessHandle process) {
        try {
            new ProcessBuilder("kill", which, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new IllegalStateException("a process could not be signalled: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The embedded server's own process handle is that of pg_ctl, which ends at once. */
    private ProcessHandle postmaster() {
        try (Stream<String> lines = Files.lines(data().resolve("postmaster.pid"))) {
            long pid = Long.parseLong(lines.findFirst().orElseThrow().strip());
            return ProcessHandle.of(pid).orElseThrow();
        } catch (IOException e) {
            throw new IllegalStateException("the server's process is not known: " + e, e);
        }
    }

    /** Where nobody collects ended processes, they look alive for ever; SIGKILL cannot be refused all the same. */
    private static void awaitEnd(ProcessHandle process) {
        try {
            process.onExit().get(2, TimeUnit.SECONDS);
        } catch (TimeoutException ended) {
            return;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("waiting for the killed process " + process.pid() + ": " + e, e);
        }
    }

    /** Stops it, if it runs, and deletes its data. */
    @Override
    public void close() {
        if (running != null) {
            stop();
        }
        DataFolder.delete(home);
    }

    /** A hot standby of this server, streaming, to be closed before it. */
    public PostgresServer standby() {
        return Standby.of(this);
    }

    /** Waits, at most 30 seconds, until a standby has replayed everything that is committed here by now. */
    public void awaitReplay(PostgresServer standby) {
        Standby.awaitReplay(this, standby);
    }

    public int major() {
        return major;
    }

    public int port() {
        return port;
    }

    /** The JDBC URL, for the superuser. */
    public String url(String database) {
        return url(database, ADMIN);
    }

    /** The JDBC URL, for this user. */
    public String url(String database, String user) {
        return url("localhost", port, database, user);
    }

    static String url(String host, int port, String database, String user) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database + "?user=" + user;
    }

    /** What Neap connects to, as the superuser. */
    public ConnectionTarget target(String database) {
        return target(database, ADMIN);
    }

    /** What Neap connects to, as this user. */
    public ConnectionTarget target(String database, String user) {
        return new ConnectionTarget("postgresql", "localhost", port, database, user, null, Map.of());
    }

    /** A connection, in autocommit. */
    public Connection connect(String database) throws SQLException {
        return connect(database, ADMIN);
    }

    /** A connection of this user, in autocommit. */
    public Connection connect(String database, String user) throws SQLException {
        return DriverManager.getConnection(url(database, user));
    }

    /** Makes an empty database; one of that name that is already there goes, with its sessions. Returns the name. */
    public String createDatabase(String name) {
        execute(ADMIN, "DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)");
        execute(ADMIN, "CREATE DATABASE \"" + name + "\"");
        return name;
    }

    /** Runs statements in autocommit, as the superuser; an error fails the test. */
    public void execute(String database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage() + " in " + database, e);
        }
    }

    /** The end of the server's log, for a failure message. */
    public String logTail() {
        return DataFolder.tail(log(), 40);
    }

    Path data() {
        return home.resolve("data");
    }

    Map<String, String> settings() {
        return settings;
    }

    private Path log() {
        return home.resolve("server.log");
    }

    private EmbeddedPostgres required() {
        if (running == null) {
            throw new IllegalStateException("the server does not run");
        }
        return running;
    }
}
