package dev.neap.cli.server;

import dev.neap.dialect.NeapException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of Neap's own, in a folder of its own, as durable as a real one. It is stopped and its files are
 * deleted when it is closed, and at the end of the JVM at the latest. Safe for many threads.
 */
public final class OwnServer implements AutoCloseable {
    private static final long ROOM_BASE = 3L << 30;
    private static final long ROOM_PER_ROW = 700;

    /** The embedded server is meant for tests and has durability off; a figure without it would flatter. */
    private static final Map<String, String> SETTINGS = Map.of(
            "fsync", "on",
            "synchronous_commit", "on",
            "full_page_writes", "on",
            "shared_buffers", "256MB",
            "max_wal_size", "2GB",
            "max_connections", "60");

    private final Path home;
    private final int port;
    private final Thread atExit;
    private volatile boolean ending;

    private OwnServer(Path home, int port) {
        this.home = home;
        this.port = port;
        this.atExit = new Thread(
                () -> {
                    ending = true;
                    release();
                },
                "server-cleanup");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Starts one.
     *
     * @param purpose what it is for: `demo` or `rehearsal`
     * @param rows about how many rows it is to hold
     * @throws NeapException STOP when it does not start; the message says what to do
     */
    public static OwnServer start(String purpose, Programs programs, long rows) {
        Path home = newHome(purpose, ROOM_BASE + rows * ROOM_PER_ROW);
        Path log = home.resolve("server.log");
        try {
            int port = programs.folder() == null
                    ? builder(home, log).start().getPort()
                    : new InstalledServer(programs.folder(), home, log).start(settings());
            return new OwnServer(home, port);
        } catch (IOException | RuntimeException e) {
            String tail = tail(log);
            postmaster(home).ifPresent(OwnServer::kill);
            delete(home);
            throw new NeapException(NeapException.Kind.STOP, whyNot(purpose, e, tail), e);
        }
    }

    private static List<String> settings() {
        return SETTINGS.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue())
                .toList();
    }

    private static EmbeddedPostgres.Builder builder(Path home, Path log) {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(home.resolve("programs").toFile())
                .setDataDirectory(home.resolve("data"))
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setLocaleConfig("locale", "C.UTF-8")
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()));
        SETTINGS.forEach(builder::setServerConfig);
        return builder;
    }

    private static Path newHome(String purpose, long room) {
        try {
            Path home = Files.createTempDirectory("neap-" + purpose + "-");
            long free = Files.getFileStore(home).getUsableSpace();
            if (free < room) {
                Files.delete(home);
                throw new NeapException(
                        NeapException.Kind.STOP,
                        "The " + purpose + " wants " + (room >> 20) + " MB of disk for a moment, and "
                                + home.getParent() + " has " + (free >> 20) + " MB. Free some, or name another folder:"
                                + " NEAP_JAVA_OPTS=-Djava.io.tmpdir=/other/folder");
            }
            return home;
        } catch (IOException e) {
            throw new NeapException(
                    NeapException.Kind.STOP,
                    "The " + purpose + " cannot make a temporary folder: " + e.getMessage(),
                    e);
        }
    }

    private static String whyNot(String purpose, Exception e, String tail) {
        String end = tail.isEmpty() ? "" : "\nThe end of its log:\n" + tail;
        if ("root".equals(System.getProperty("user.name")) && !mayUnshare()) {
            return "PostgreSQL refuses to run as root, and this container forbids `unshare -U`, which is the way round"
                    + " that. Run it as another user, for example:\n"
                    + "  useradd --create-home neap && su neap -c './neap "
                    + (purpose.equals("demo") ? "demo" : "rehearse …") + "'" + end;
        }
        return "The " + purpose + "'s own PostgreSQL server did not start: " + e.getMessage() + end;
    }

    private static boolean mayUnshare() {
        try {
            Process process = new ProcessBuilder("unshare", "-U", "true")
                    .redirectErrorStream(true)
                    .start();
            return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether the JVM is ending: what fails from now on fails because of that. */
    public boolean ending() {
        return ending;
    }

    /** Where it listens, on localhost. */
    public int port() {
        return port;
    }

    /** For JDBC. */
    public String url(String database) {
        return "jdbc:postgresql://localhost:" + port() + "/" + database + "?user=postgres";
    }

    /** For people and for a backfill file. */
    public String address(String database) {
        return "postgresql://postgres@localhost:" + port() + "/" + database;
    }

    /** A file beside the server's, deleted with it. */
    public Path file(String name) {
        return home.resolve(name);
    }

    /** Runs statements in autocommit. */
    public void execute(String database, Collection<String> statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Makes a database like another, which nobody may use meanwhile. */
    public void copyDatabase(String from, String to) throws SQLException {
        execute(
                "postgres",
                List.of("CREATE DATABASE " + to + " TEMPLATE " + from + " STRATEGY file_copy", "CHECKPOINT"));
    }

    /** Drops a database with whoever uses it. */
    public void dropDatabase(String database) throws SQLException {
        execute("postgres", List.of("DROP DATABASE " + database + " WITH (FORCE)"));
    }

    @Override
    public void close() {
        release();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The JVM is ending, and the hook does the same work.
            return;
        }
    }

    private synchronized void release() {
        if (!Files.exists(home)) {
            return;
        }
        // Nobody reads these data again, so there is no need for an orderly stop, nor for a checkpoint first.
        postmaster(home).ifPresent(OwnServer::kill);
        delete(home);
    }

    /** The server's first process: what started it has ended long ago. */
    private static Optional<ProcessHandle> postmaster(Path home) {
        try {
            List<String> lines = Files.readAllLines(home.resolve("data").resolve("postmaster.pid"));
            return ProcessHandle.of(Long.parseLong(lines.get(0).trim()));
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private static void kill(ProcessHandle postmaster) {
        List<ProcessHandle> family =
                Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
        family.forEach(ProcessHandle::destroyForcibly);
        family.forEach(each -> each.onExit()
                .orTimeout(10, TimeUnit.SECONDS)
                .exceptionally(e -> each)
                .join());
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | java.io.UncheckedIOException e) {
            System.err.println("neap: could not delete " + folder + ": " + e.getMessage());
        }
    }

    private static String tail(Path log) {
        try {
            List<String> lines =
                    Files.readString(log, StandardCharsets.UTF_8).lines().toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
        } catch (IOException e) {
            return "";
        }
    }
}
