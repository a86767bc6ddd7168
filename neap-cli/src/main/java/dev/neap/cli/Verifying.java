package dev.neap.cli;

import dev.neap.cli.text.Text;
import dev.neap.cli.verify.VerifyProgress;
import dev.neap.dialect.NeapException;
import dev.neap.run.RunListener;
import dev.neap.run.Stop;
import dev.neap.verify.VerifyReport;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A verification that says how far it is, and that Ctrl-C ends.
 *
 * @param report null where it was stopped
 * @param stopped why, and where the next one goes on; empty where it was not
 * @param exitCode what the process ends with where it was stopped; else 0
 */
record Verifying(@Nullable VerifyReport report, String stopped, int exitCode) {
    /** Waits until it is over. */
    static Verifying of(World world, BiFunction<RunListener, Stop, VerifyReport> verification) {
        Consumer<String> say = text -> world.err().println("neap: " + text);
        Stop stop = new Stop();
        Signals signals = new Signals(stop, say);
        signals.install();
        try {
            VerifyReport report = verification.apply(new VerifyProgress(say, System::nanoTime), stop);
            return new Verifying(report, "", ExitCode.DONE);
        } catch (NeapException e) {
            if (e.kind() != NeapException.Kind.STOPPED) {
                throw e;
            }
            int exitCode = signals.exitCode() == 0 ? ExitCode.STOPPED : signals.exitCode();
            return new Verifying(null, "Stopped: " + Text.visible(String.valueOf(e.getMessage())) + ".", exitCode);
        }
    }
}
