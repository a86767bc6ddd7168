package dev.neap.cli.rehearse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.neap.backfill.Backfill;
import dev.neap.cli.text.Text;
import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run from its beginning to its end, over as many processes as it takes: each is killed but the last. */
final class Performance {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int RANDOM_KILLS = 3;
    private static final int MOST_TAIL = 10;
    private static final Set<Point> NOT_IN_A_SWAP = EnumSet.of(
            Point.HELD,
            Point.BEFORE_MERGE,
            Point.BEFORE_MERGE_COMMIT,
            Point.AFTER_MERGE_BATCH,
            Point.BEFORE_MERGE_DONE,
            Point.AFTER_MERGE);
    private static final Set<Point> NOT_IN_A_MERGE = EnumSet.of(
            Point.HELD,
            Point.BEFORE_SWAP,
            Point.BEFORE_TURN_OVER,
            Point.LAST_DRAIN_COMMITTED,
            Point.OLD_SNAPSHOTS_GONE,
            Point.AFTER_SWAP);
    /** After the time for kills: how long the run may take to end. */
    static final Duration GRACE = Duration.ofMinutes(5);

    private final Path file;
    private final int port;
    private final String database;
    private final Consumer<String> tell;
    private final Rhythm rhythm;
    private final Runnable beforeSettle;
    private final boolean holdBeforeSettle;
    private final Random random;
    private final long begin = System.nanoTime();
    private final long killUntil;
    private final Duration grace;
    /** Moments that have not come yet. */
    private final Set<Point> left;
    /** Moments at which the run was let go on. */
    private final Set<Point> passed = EnumSet.noneOf(Point.class);

    private final List<Point> killedAt = new ArrayList<>();
    private final List<Duration> locks = new ArrayList<>();
    private int randomKills;
    private int unitsDone;
    private boolean settling;
    private @Nullable JsonNode ended;
    /** What is known of a process that ended without a word of how the run ended; else empty. */
    private String byItself = "";

    private final List<String> tail = new ArrayList<>();

    /**
     * @param kills how long processes are killed; afterwards the run is left alone
     * @param grace how long it may then take to end
     * @param rhythm hears which units are sent back and done
     * @param beforeSettle called once, when every unit is done and before rows in the old form are looked for
     */
    Performance(
            Path file,
            int port,
            String database,
            Backfill backfill,
            Duration kills,
            Duration grace,
            long seed,
            Consumer<String> tell,
            Rhythm rhythm,
            @Nullable Runnable beforeSettle) {
        this.file = file;
        this.port = port;
        this.database = database;
        this.tell = tell;
        this.rhythm = rhythm;
        this.beforeSettle = beforeSettle == null ? () -> {} : beforeSettle;
        this.holdBeforeSettle = beforeSettle != null;
        this.random = new Random(seed);
        this.killUntil = begin + kills.toNanos();
        this.grace = grace;
        this.left = EnumSet.allOf(Point.class);
        left.removeAll(Point.OF_A_FILL);
        left.removeAll(backfill.rebuild().merges() ? NOT_IN_A_MERGE : NOT_IN_A_SWAP);
    }

    /**
     * How it ended.
     *
     * @param outcome `done`, `failed`, `mismatch` and so on, as a run's
     * @param killedAt the named moments at which a process was killed
     * @param notKilledAt those that came when there was no time for kills any more
     * @param didNotCome the others
     * @param randomKills and at how many others
     * @param sentBack how often a unit went back to its beginning
     * @param locks how long each swap that was seen to its end held its exclusive locks
     */
    record Ending(
            String outcome,
            List<String> causes,
            List<Point> killedAt,
            List<Point> notKilledAt,
            List<Point> didNotCome,
            int randomKills,
            int sentBack,
            List<Duration> locks,
            int units,
            long changesReplayed,
            Duration took) {}

    Ending play() {
        try {
            while (ended == null) {
                if (left().isNegative()) {
                    return ending("failed", List.of(late()));
                }
                one();
                if (!byItself.isEmpty()) {
                    return ending("failed", List.of(byItself));
                }
            }
        } catch (IOException e) {
            throw new NeapException(NeapException.Kind.STOP, "a process for the run could not be started: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(NeapException.Kind.STOP, "interrupted", e);
        }
        List<String> causes = new ArrayList<>();
        ended.path("causes").forEach(each -> causes.add(each.asText()));
        return ending(ended.path("outcome").asText(), causes);
    }

    private Ending ending(String outcome, List<String> causes) {
        return new Ending(
                outcome,
                causes,
                List.copyOf(killedAt),
                List.copyOf(passed),
                List.copyOf(left),
                randomKills,
                rhythm.timesSentBack(),
                List.copyOf(locks),
                unitsDone,
                ended == null ? 0 : ended.path("changes_replayed").asLong(),
                Duration.ofNanos(System.nanoTime() - begin));
    }

    private Duration left() {
        return Duration.ofNanos(killUntil - System.nanoTime()).plus(grace);
    }

    private String late() {
        return "the run did not end within " + Text.duration(grace) + " after the time for kills"
                + (killedAt.isEmpty() ? "" : "; the last kill was at " + words(killedAt.get(killedAt.size() - 1)));
    }

    private boolean mayKill() {
        // On a slow machine too a rehearsal with kills has one.
        return System.nanoTime() < killUntil || (killedAt.isEmpty() && killUntil > begin);
    }

    private String moments() {
        Set<Point> moments = EnumSet.copyOf(left);
        if (holdBeforeSettle && !settling) {
            moments.add(Point.BEFORE_SETTLE);
        }
        return moments.isEmpty() ? "none" : moments.stream().map(Point::name).collect(Collectors.joining(","));
    }

    private void one() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Understudy.class.getName(),
                        file.toString(),
                        String.valueOf(port),
                        database,
                        moments())
                .redirectErrorStream(true)
                .start();
        Thread atExit = new Thread(process::destroyForcibly, "rehearsal-cleanup");
        Runtime.getRuntime().addShutdownHook(atExit);
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                OutputStream orders = process.getOutputStream()) {
            boolean throughOne = killedAt.contains(Point.AFTER_SWAP) || killedAt.contains(Point.AFTER_MERGE);
            if (throughOne && randomKills < RANDOM_KILLS && mayKill()) {
                killAfter(process, Duration.ofMillis(1_500L + random.nextInt(2_500)), () -> {
                    killedOne = true;
                    randomKills++;
                });
            }
            // One that hangs says nothing and does not end.
            killAfter(process, left(), () -> {});
            boolean killed = false;
            for (String line = lines.readLine(); line != null && !killed; line = lines.readLine()) {
                killed = hear(line, process, orders);
            }
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                throw e;
            }
        } finally {
            process.destroyForcibly();
            Runtime.getRuntime().removeShutdownHook(atExit);
        }
        if (ended == null && !wasKilled(process)) {
            byItself = "the run's process ended by itself, with exit code " + process.exitValue()
                    + (tail.isEmpty() ? "" : ", and its last words were: " + String.join(" / ", tail));
        }
    }

    private boolean killedOne;

    private boolean wasKilled(Process process) {
        boolean was = killedOne || process.exitValue() == 137;
        killedOne = false;
        return was;
    }

    private static void killAfter(Process process, Duration time, Runnable first) {
        Thread killer = new Thread(
                () -> {
                    try {
                        if (!process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS)) {
                            first.run();
                            process.destroyForcibly();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "rehearsal-killer");
        killer.setDaemon(true);
        killer.start();
    }

    /** Whether the process was killed for it. */
    private boolean hear(String line, Process process, OutputStream orders) throws IOException, InterruptedException {
        if (line.startsWith(Understudy.AT)) {
            return at(Point.valueOf(line.substring(Understudy.AT.length())), process, orders);
        }
        if (line.startsWith(Understudy.ENDED)) {
            ended = JSON.readTree(line.substring(Understudy.ENDED.length()));
        } else if (line.startsWith("{")) {
            event(JSON.readTree(line));
        } else if (!line.startsWith("\tat ")) {
            tail.add(line);
            if (tail.size() > MOST_TAIL) {
                tail.remove(0);
            }
        }
        return false;
    }

    private boolean at(Point point, Process process, OutputStream orders) throws IOException, InterruptedException {
        if (point == Point.BEFORE_SETTLE && !settling) {
            settling = true;
            beforeSettle.run();
        }
        boolean came = left.remove(point);
        if (!came || !mayKill()) {
            if (came) {
                passed.add(point);
            }
            orders.write('\n');
            orders.flush();
            return false;
        }
        killedOne = true;
        process.destroyForcibly();
        process.waitFor();
        killedAt.add(point);
        if (killedAt.size() % 5 == 0) {
            tell.accept("Killed " + killedAt.size() + " times so far, the last one at " + words(point) + ".");
        }
        return true;
    }

    private void event(JsonNode event) {
        if (event.path("event").asText().equals("note")
                && event.path("text").asText().contains("back to the beginning")) {
            rhythm.sentBack();
        } else if (event.path("event").asText().equals("unit_done")) {
            unitsDone++;
            rhythm.done();
            locks.add(Duration.ofMillis(Math.round(event.path("lock_held").asDouble() * 1000)));
            tell.accept("Done: " + event.path("partition").asText() + ".");
        }
    }

    /** `AFTER_SWAP` as people say it. */
    static String words(Point point) {
        return point.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
