package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.run.Stop;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignalsTest {
    @Test
    void the_first_signal_asks_for_a_stop_and_decides_the_exit_code() {
        List<String> said = new ArrayList<>();
        Stop stop = new Stop();
        Signals signals = new Signals(stop, said::add);

        signals.onSignal(ExitCode.INTERRUPTED);

        assertThat(stop.requested()).isTrue();
        assertThat(signals.exitCode()).isEqualTo(130);
        assertThat(said).containsExactly("stopping at the next safe point; once more to end at once");
    }

    @Test
    void without_a_signal_the_run_decides() {
        assertThat(new Signals(new Stop(), text -> {}).exitCode()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143"})
    void a_process_that_is_signalled_ends_with_its_code_after_the_engine_has_stopped(String signal, int code)
            throws Exception {
        Process process = start("neap.quick");

        signal(process, signal);

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(code);
        assertThat(rest(process)).contains("Stopped, checkpointed.", "Next: neap run");
    }

    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143"})
    void so_does_one_whose_server_is_away_by_then(String signal, int code) throws Exception {
        Process process = start("neap.away");

        signal(process, signal);

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(code);
        assertThat(process.errorReader(StandardCharsets.UTF_8).lines())
                .containsSequence("neap: the server is away", "Next: the same command goes on where it stopped");
    }

    @Test
    @Timeout(60)
    void a_second_signal_ends_a_process_that_does_not_stop() throws Exception {
        Process process = start("neap.deaf");

        signal(process, "INT");
        while (!process.errorReader(StandardCharsets.UTF_8).readLine().contains("once more")) {
            // The first signal has arrived when it is answered; two at once would be one.
        }
        signal(process, "INT");

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(rest(process)).doesNotContain("Stopped");
    }

    /** Starts a run that never ends by itself, and waits until it is at work. */
    private static Process start(String property) throws IOException {
        // Where the tests themselves run in the background, a shell has set SIGINT to be ignored, and children inherit
        // it.
        Process process = new ProcessBuilder(
                        "env",
                        "--default-signal=INT",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-D" + property + "=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SlowRun.class.getName(),
                        "--yes")
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        while (line != null && !line.contains("done: 1,210 rows")) {
            line = out.readLine();
        }
        assertThat(line).as("a line of the run").isNotNull();
        return process;
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        int sent = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .start()
                .waitFor();
        assertThat(sent).isZero();
    }

    private static String rest(Process process) throws IOException {
        StringBuilder rest = new StringBuilder();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            rest.append(line).append('\n');
        }
        return rest.toString();
    }
}
