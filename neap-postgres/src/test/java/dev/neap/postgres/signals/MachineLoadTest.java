package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.neap.backfill.ServerSignal;
import dev.neap.throttle.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineLoadTest {
    @TempDir
    Path folder;

    @BeforeEach
    void quiet() throws IOException {
        processors(1_000, 5_000, 200);
        disk(100, 400, 50, 350, 600);
    }

    /** @param busy hundredths of a second, half of them in the kernel's own work */
    private void processors(long busy, long idle, long waiting) throws IOException {
        Files.writeString(
                folder.resolve("stat"),
                "cpu  " + busy / 2 + " 0 " + busy / 2 + " " + idle + " " + waiting
                        + " 0 0 0 777 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
    }

    private void disk(long reads, long readMs, long writes, long writeMs, long busyMs) throws IOException {
        long device = device();
        String numbers = "%4d %7d ".formatted((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00));
        Files.writeString(
                folder.resolve("diskstats"),
                "   7       0 loop0 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n" + numbers + "disk " + reads + " 1 2 " + readMs
                        + " " + writes + " 3 4 " + writeMs + " 0 " + busyMs + " 999 0 0 0 0 5 6\n");
    }

    private long device() throws IOException {
        return ((Number) Files.getAttribute(folder, "unix:dev")).longValue();
    }

    private MachineLoad load(ServerSignal signal) {
        return MachineLoad.of(signal, folder, folder).orElseThrow();
    }

    @Test
    void processors_are_busy_when_they_neither_idle_nor_wait_for_a_disk() throws IOException {
        MachineLoad load = load(ServerSignal.CPU);
        assertThat(load.now()).isEqualTo(Reading.none("it takes two looks, a second apart"));

        processors(1_000 + 60, 5_000 + 30, 200 + 10);

        assertThat(load.now().value()).isEqualTo(60, within(1e-6));
    }

    @Test
    void a_disk_has_a_time_in_which_it_is_busy_and_operations_that_take_time() throws IOException {
        MachineLoad busy = load(ServerSignal.DISK_BUSY);
        MachineLoad wait = load(ServerSignal.DISK_WAIT);
        MachineLoad operations = load(ServerSignal.DISK_OPERATIONS);
        busy.now();
        wait.now();
        operations.now();

        disk(100 + 300, 400 + 900, 50 + 100, 350 + 3_100, 600 + 2_500);

        assertThat(busy.now().value()).as("2.5 s of ten").isEqualTo(25, within(1e-6));
        assertThat(wait.now().value()).as("400 in 4 s").isEqualTo(0.01, within(1e-9));
        assertThat(operations.now().value()).as("400 in ten seconds").isEqualTo(40, within(1e-6));
    }

    @Test
    void what_has_no_number_any_more_is_a_reason_to_wait() throws IOException {
        MachineLoad load = load(ServerSignal.DISK_BUSY);

        Files.writeString(folder.resolve("diskstats"), "   7       0 loop0 9 9 9 9 9 9 9 9 9 9 9 9\n");

        assertThat(load.now().missing()).startsWith("this machine does not tell: it has nothing of ");
    }

    @Test
    void the_kernel_of_this_machine_tells_of_its_processors() throws Exception {
        MachineLoad load = MachineLoad.of(ServerSignal.CPU, folder).orElseThrow();
        load.now();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        double spent = 0;
        while (System.nanoTime() < until) {
            spent += Math.sqrt(spent + 1);
        }

        assertThat(spent).isPositive();
        assertThat(load.now().value())
                .isGreaterThan(100.0 / processorsOfTheMachine() / 2)
                .isLessThanOrEqualTo(100);
    }

    /** Not those that a container may use, which the runtime tells. */
    private static long processorsOfTheMachine() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
            return lines.filter(line -> line.matches("cpu\\d+ .*")).count();
        }
    }
}
