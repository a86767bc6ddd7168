package dev.neap.testkit;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A real MariaDB server, started as an ordinary process. It is ended, and its files deleted, with the JVM. */
public final class MariaDbServer {
    private static final Duration STARTUP = Duration.ofSeconds(60);
    private static final String USER = "tester";
    private static final String PASSWORD = "tester's";
    private static final Map<String, MariaDbServer> SHARED = new ConcurrentHashMap<>();

    private final String version;
    private final Path home;
    private final Path programs;
    private final int port;

    private MariaDbServer(String version, Path home, Path programs, int port) {
        this.version = version;
        this.home = home;
        this.programs = programs;
        this.port = port;
    }

    /** A server of the newest version, shared by the whole JVM: leave it running, use databases of your own. */
    public static MariaDbServer newest() {
        return of(MariaDbPrograms.NEWEST);
    }

    /** The same of the oldest that Neap supports. */
    public static MariaDbServer oldest() {
        return of(MariaDbPrograms.OLDEST);
    }

    /** Whether values of `uuid` compare as they are sorted: not in the oldest, and Neap refuses to walk them there. */
    public boolean walksUuids() {
        return !version.equals(MariaDbPrograms.OLDEST);
    }

    private static MariaDbServer of(String version) {
        return SHARED.computeIfAbsent(version, MariaDbServer::start);
    }

    private static MariaDbServer start(String version) {
        try {
            Path home = Files.createTempDirectory("neap-mariadb-" + version + "-");
            DataFolder.deleteAtExit(home);
            MariaDbServer server = new MariaDbServer(
                    version, home, MariaDbPrograms.unpack(version, home.resolve("programs")), Ports.next());
            server.bootstrap();
            server.begin();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command(String... more) {
        List<String> command = new ArrayList<>(List.of(
                programs.resolve("bin/mariadbd").toString(),
                "--no-defaults",
                "--basedir=" + programs,
                "--datadir=" + home.resolve("data"),
                "--tmpdir=" + home.resolve("tmp"),
                "--lc-messages-dir=" + programs.resolve("share"),
                "--character-sets-dir=" + programs.resolve("share/charsets"),
                "--innodb-log-file-size=32M",
                "--max-allowed-packet=16M"));
        if ("root".equals(System.getProperty("user.name"))) {
            command.add("--user=root");
        }
        command.addAll(List.of(more));
        return command;
    }

    private void bootstrap() throws IOException {
        Files.createDirectories(home.resolve("data"));
        Files.createDirectories(home.resolve("tmp"));
        StringBuilder sql = new StringBuilder("CREATE DATABASE mysql;\nUSE mysql;\n");
        for (String script : List.of("system_tables", "performance_tables", "system_tables_data")) {
            sql.append(Files.readString(script(script))).append('\n');
        }
        Path script = Files.writeString(home.resolve("bootstrap.sql"), sql);
        Process process = new ProcessBuilder(command("--bootstrap"))
                .redirectInput(script.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
        if (!ended(process) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IllegalStateException("MariaDB could not be set up:\n" + DataFolder.tail(log(), 40));
        }
    }

    private Path script(String name) {
        Path script = programs.resolve("share/mariadb_" + name + ".sql");
        return Files.exists(script) ? script : programs.resolve("share/mysql_" + name + ".sql");
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(STARTUP.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void begin() throws IOException {
        Path users = Files.writeString(
                home.resolve("users.sql"),
                "CREATE USER '" + USER + "'@'%' IDENTIFIED BY '" + PASSWORD.replace("'", "''")
                        + "';\nGRANT ALL ON *.* TO '" + USER + "'@'%' WITH GRANT OPTION;\n");
        Process process = new ProcessBuilder(command(
                        "--port=" + port,
                        "--socket=" + home.resolve("s"),
                        "--bind-address=127.0.0.1",
                        "--skip-name-resolve",
                        // Or it makes itself a key of 4096 bits first, which may take a minute where much else is done.
                        "--skip-ssl",
                        "--init-file=" + users,
                        "--log-bin=" + home.resolve("data/binlog"),
                        "--sync-binlog=0",
                        "--log-bin-trust-function-creators=1",
                        "--innodb-flush-log-at-trx-commit=0"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        DataFolder.killAtExit(process);
        long deadline = System.nanoTime() + STARTUP.toNanos();
        while (true) {
            try (Connection connection = connect("mysql")) {
                if (connection.isValid(10)) {
                    return;
                }
            } catch (SQLException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "MariaDB did not start: " + e.getMessage() + "\n" + DataFolder.tail(log(), 40), e);
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Path log() {
        return home.resolve("server.log");
    }

    /** Its version, for people. */
    public String name() {
        return "MariaDB " + version;
    }

    /** What Neap connects to. */
    public ConnectionTarget target(String database) {
        return new ConnectionTarget("mariadb", "127.0.0.1", port, database, USER, new Secret(PASSWORD), Map.of());
    }

    /** The URL of a database as a backfill file has it, with the password in it. */
    public String url(String database) {
        return "mariadb://" + USER + ":" + PASSWORD.replace("'", "%27") + "@127.0.0.1:" + port + "/" + database;
    }

    /** A connection, in autocommit. */
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/" + database, USER, PASSWORD);
    }

    /** Makes an empty database, and takes Neap's own away, with all its runs. Returns the name. */
    public String createDatabase(String name) {
        execute(
                "mysql",
                "DROP DATABASE IF EXISTS neap",
                "DROP DATABASE IF EXISTS " + name,
                "CREATE DATABASE " + name + " CHARACTER SET utf8mb4");
        return name;
    }

    /** Runs statements in autocommit; an error fails the test. */
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
}
