package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import dev.neap.run.RunListener;
import dev.neap.server.ListenAddress;
import dev.neap.server.MetricsServer;
import dev.neap.server.RunMetrics;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a run shows its figures while it goes. */
final class MetricsOption {
    @Option(
            names = "--metrics",
            paramLabel = "PORT",
            description =
                    "Shows the run's figures for Prometheus at http://localhost:PORT/metrics; ADDRESS:PORT lets other"
                            + " machines ask, too. 0 takes a free port.")
    private @Nullable String place;

    /** Those who watch the run by HTTP; nobody where the option is not given. */
    interface Watching extends AutoCloseable {
        RunListener listener();

        /** Where, for people; null where nobody watches. */
        @Nullable
        String url();

        /** These who watch, and others, who are told where. */
        default RunListener with(Watchers others) {
            if (url() != null) {
                others.say("metrics at " + url());
            }
            return event -> {
                listener().on(event);
                others.on(event);
            };
        }

        @Override
        void close();
    }

    /** Whether somebody can watch. */
    boolean given() {
        return place != null;
    }

    /** Before anything is looked at. */
    void check() {
        if (place != null) {
            address(place);
        }
    }

    private static ListenAddress address(String place) {
        return ListenAddress.parse(place)
                .orElseThrow(() -> new BackfillException(
                        "--metrics cannot be '" + place + "'; write a port such as 9187, or 0.0.0.0:9187"));
    }

    /** @param backfill its name */
    Watching start(String backfill) {
        if (place == null) {
            return new Nobody();
        }
        RunMetrics metrics = new RunMetrics(backfill, System::nanoTime);
        try {
            return new Prometheus(metrics, MetricsServer.start(address(place), metrics::scrape));
        } catch (IOException e) {
            throw new BackfillException("--metrics " + place + ": nothing can listen there: " + e.getMessage());
        }
    }

    private record Nobody() implements Watching {
        @Override
        public RunListener listener() {
            return RunListener.SILENT;
        }

        @Override
        public @Nullable String url() {
            return null;
        }

        @Override
        public void close() {}
    }

    private record Prometheus(RunMetrics metrics, MetricsServer server) implements Watching {
        @Override
        public RunListener listener() {
            return metrics;
        }

        @Override
        public String url() {
            return server.url();
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
