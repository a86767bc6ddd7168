package dev.neap.cli.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes and starts a server with programs that are installed on this machine. */
final class InstalledServer {
    private static final long PATIENCE_SECONDS = 90;

    private final Path programs;
    private final Path home;
    private final Path log;

    InstalledServer(Path programs, Path home, Path log) {
        this.programs = programs;
        this.home = home;
        this.log = log;
    }

    /** Returns its port. */
    int start(List<String> settings) throws IOException {
        Path data = home.resolve("data");
        run(List.of(
                programs.resolve("initdb").toString(),
                "-D",
                data.toString(),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8"));
        int port = freePort();
        List<String> all = new ArrayList<>(settings);
        all.add("port=" + port);
        all.add("listen_addresses=localhost");
        all.add("unix_socket_directories=''");
        String options = all.stream().map(each -> "-c " + each).reduce("", (a, b) -> a + " " + b);
        run(List.of(
                programs.resolve("pg_ctl").toString(),
                "-D",
                data.toString(),
                "-w",
                "-t",
                "60",
                "-l",
                log.toString(),
                "-o",
                options.strip(),
                "start"));
        return port;
    }

    private void run(List<String> command) throws IOException {
        List<String> whole = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            // PostgreSQL refuses to run as root; in a user namespace of its own nobody is.
            whole.addAll(List.of("unshare", "-U"));
        }
        whole.addAll(command);
        Process process = new ProcessBuilder(whole)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command.get(0) + " took too long");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(command.get(0) + " ended with " + process.exitValue());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
