package dev.neap.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A Java process of its own, to be killed for real. It has this process's class path and says what it does on its
 * standard output, line by line.
 */
public final class ChildJvm implements AutoCloseable {
    /** What a process ends with that was killed by SIGKILL. */
    public static final int KILLED = 137;

    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread listener;

    private ChildJvm(Process process, Consumer<String> onLine) {
        this.process = process;
        this.listener = new Thread(() -> listen(onLine), "child-" + process.pid());
        listener.setDaemon(true);
        listener.start();
    }

    /**
     * Starts a main class; cheaply, as it will not live long.
     *
     * @param onLine gets each line of its output, on a thread of its own
     */
    public static ChildJvm start(String mainClass, List<String> arguments, Consumer<String> onLine) throws IOException {
        return start(256, mainClass, arguments, onLine);
    }

    /** The same with this much heap, in megabytes, and no more. */
    public static ChildJvm start(int heapMb, String mainClass, List<String> arguments, Consumer<String> onLine)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-XX:+UseSerialGC",
                "-Xmx" + heapMb + "m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                mainClass));
        command.addAll(arguments);
        return new ChildJvm(
                new ProcessBuilder(command).redirectErrorStream(true).start(), onLine);
    }

    private void listen(Consumer<String> onLine) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
                onLine.accept(line);
            }
        } catch (IOException e) {
            // Killed while it spoke.
            return;
        }
    }

    /** Waits for a line that begins like this. False when the process ended, or the time was up, without one. */
    public boolean await(String prefix, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (lines) {
            while (lines.stream().noneMatch(line -> line.startsWith(prefix))) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || (!process.isAlive() && !listener.isAlive())) {
                    return false;
                }
                lines.wait(Math.min(left, 50));
            }
            return true;
        }
    }

    /** SIGKILL. Returns the exit code, {@link #KILLED} unless it had ended before. */
    public int kill() throws InterruptedException {
        process.destroyForcibly();
        int code = process.waitFor();
        listener.join(TimeUnit.SECONDS.toMillis(10));
        return code;
    }

    /** Waits for its own end; kills it when it takes longer. Returns the exit code. */
    public int end(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            return kill();
        }
        listener.join(TimeUnit.SECONDS.toMillis(10));
        return process.exitValue();
    }

    public long pid() {
        return process.pid();
    }

    /** Everything it said. */
    public String output() {
        synchronized (lines) {
            return String.join("\n", lines);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
