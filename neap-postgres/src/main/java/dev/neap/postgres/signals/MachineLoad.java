package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Limits.Unit;
import dev.neap.throttle.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;

/**
 * What Linux tells of this machine, on average over ten seconds, whoever makes the load: in `/proc/stat` of its processors,
 * in `/proc/diskstats` of one disk. Not for use by several threads.
 */
final class MachineLoad implements SignalSession.Look {
    private static final Path PROC = Path.of("/proc");
    /** Where the times of a processor stand that does nothing: idle, and idle while a disk is waited for. */
    private static final int IDLE = 3;

    private static final int WAITING = 4;
    /** Guests are counted among the others already. */
    private static final int GUEST = 8;

    private static final double WARNING = 0.85;

    /** Two counts that only grow. */
    private interface Counts {
        double[] read() throws IOException;
    }

    private final Counts counts;
    private final DoubleBinaryOperator value;
    private final Growth first = new Growth();
    private final Growth second = new Growth();
    private boolean looked;

    private MachineLoad(Counts counts, DoubleBinaryOperator value) {
        this.counts = counts;
        this.value = value;
    }

    /** What a signal of the machine is made of; empty where it does not tell. */
    static Optional<MachineLoad> of(ServerSignal signal, Path data) {
        return of(signal, data, PROC);
    }

    /**
     * @param data the server's data folder
     * @param proc where the kernel's files are
     */
    static Optional<MachineLoad> of(ServerSignal signal, Path data, Path proc) {
        try {
            MachineLoad load = signal == ServerSignal.CPU
                    ? new MachineLoad(() -> processors(proc), (busy, all) -> all <= 0 ? 0 : 100 * busy / all)
                    : ofDisk(signal, device(data), proc);
            load.counts.read();
            return Optional.of(load);
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    private static MachineLoad ofDisk(ServerSignal signal, String device, Path proc) {
        return switch (signal) {
            case DISK_BUSY -> new MachineLoad(() -> disk(proc, device, 12), (ms, operations) -> ms / 10);
            case DISK_WAIT ->
                new MachineLoad(
                        () -> disk(proc, device, 6, 10),
                        (ms, operations) -> operations <= 0 ? 0 : ms / operations / 1e3);
            default -> new MachineLoad(() -> disk(proc, device, 12), (ms, operations) -> operations);
        };
    }

    /** Its levels: a machine is slowed for when it is nearly at its limit. */
    static Limits limits(ServerSignal signal, double limit) {
        Unit unit = switch (signal) {
            case DISK_WAIT -> Unit.SECONDS;
            case DISK_OPERATIONS -> Unit.OPERATIONS;
            default -> Unit.LOAD;
        };
        double warning = unit == Unit.SECONDS ? limit / 2 : WARNING * limit;
        return new Limits(signal.label(), unit, warning, limit, Duration.ofSeconds(1), Growth.WINDOW);
    }

    @Override
    public Reading at(Connection connection) {
        return now();
    }

    Reading now() {
        try {
            double[] now = counts.read();
            long nanos = System.nanoTime();
            double load = value.applyAsDouble(first.perSecond(now[0], nanos), second.perSecond(now[1], nanos));
            Reading reading = looked ? Reading.of(load, "") : Reading.none("it takes two looks, a second apart");
            looked = true;
            return reading;
        } catch (IOException e) {
            return Reading.none("this machine does not tell: " + e.getMessage());
        }
    }

    /** The time that all processors were busy, and all their time. */
    private static double[] processors(Path proc) throws IOException {
        List<String> times = words(first(Files.readAllLines(proc.resolve("stat")), "cpu"));
        double all = 0;
        double idle = 0;
        for (int i = 0; i < Math.min(GUEST, times.size() - 1); i++) {
            double time = Double.parseDouble(times.get(i + 1));
            all += time;
            idle += i == IDLE || i == WAITING ? time : 0;
        }
        return new double[] {all - idle, all};
    }

    /** The sum of some of its times in milliseconds, and how many reads and writes there were. */
    private static double[] disk(Path proc, String device, int... times) throws IOException {
        List<String> columns = words(first(Files.readAllLines(proc.resolve("diskstats")), device));
        double operations = Double.parseDouble(columns.get(3)) + Double.parseDouble(columns.get(7));
        double ms = Arrays.stream(times)
                .mapToDouble(time -> Double.parseDouble(columns.get(time)))
                .sum();
        return new double[] {ms, operations};
    }

    private static String first(List<String> lines, String begin) throws IOException {
        return lines.stream()
                .filter(line -> String.join(" ", words(line)).startsWith(begin + " "))
                .findFirst()
                .orElseThrow(() -> new IOException("it has nothing of " + begin));
    }

    private static List<String> words(String line) {
        return List.of(line.strip().split("\\s+"));
    }

    /** The two numbers of the device that a folder is on, as `/proc/diskstats` has them. */
    private static String device(Path folder) throws IOException {
        long numbers = ((Number) Files.getAttribute(folder, "unix:dev")).longValue();
        return ((numbers >> 8) & 0xfff) + " " + ((numbers & 0xff) | ((numbers >> 12) & 0xfff00));
    }
}
