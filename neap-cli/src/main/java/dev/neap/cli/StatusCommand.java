package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.progress.Footer;
import dev.neap.cli.progress.ProgressLines;
import dev.neap.cli.progress.StatusView;
import dev.neap.cli.text.Json;
import dev.neap.control.RunStatus;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows how a run stands. */
@Command(
        name = "status",
        description = "Shows how the newest run of a backfill stands; without one, the newest run of each.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:shown", "1:there is no such run", "2:wrong usage"},
        footer = {"", "Examples:", "  neap status fix-revenue.yaml --watch", "  neap status fix-revenue --json"})
final class StatusCommand extends NeapSubcommand {
    private static final Duration TERMINAL_EVERY = Duration.ofSeconds(1);
    private static final Duration LINES_EVERY = Duration.ofSeconds(5);

    @Mixin
    private SubjectParameters parameters = new SubjectParameters();

    @Option(names = "--watch", description = "Stays and shows it again, until the run ends.")
    private boolean watch;

    @Option(names = "--events", paramLabel = "N", defaultValue = "5", description = "How many events (default: 5).")
    private int events;

    StatusCommand(World world) {
        super(world);
    }

    @Override
    public Integer call() {
        Subject subject = parameters.find(world);
        if (!watch) {
            Answer answer = subject.name() == null ? all(subject) : one(subject, required(subject));
            try (Report report = report(output)) {
                report.write(answer);
            }
            return answer.exitCode();
        }
        subject.requiredName();
        try (Report report = report(output)) {
            report.writeLast(one(subject, watch(subject, report)));
        }
        return ExitCode.DONE;
    }

    @Override
    Answer answer() {
        throw new IllegalStateException("status reports by itself");
    }

    private Answer all(Subject subject) {
        List<RunStatus> statuses = subject.engine().statuses();
        ObjectNode data = Json.object(Map.of("runs", statuses));
        return statuses.isEmpty()
                ? Answer.of(ExitCode.DONE, "There are no runs here.", data, "neap init URL TABLE")
                : Answer.of(ExitCode.DONE, StatusText.list(statuses), data, "neap status NAME");
    }

    private static Answer one(Subject subject, RunStatus status) {
        List<String> standIns = standIns(subject, status);
        ObjectNode data = Json.object(status);
        data.setAll(Json.object(Map.of("stand_ins", standIns)));
        return Answer.of(
                ExitCode.DONE,
                StatusText.whole(status, standIns),
                data,
                standIns.isEmpty() ? StatusText.next(status, subject) : StatusText.endDualWrite(status, subject));
    }

    /** The triggers that write the second place of a fill that is done, by the catalog. */
    private static List<String> standIns(Subject subject, RunStatus status) {
        return status.fills() && status.state().equals("done")
                ? subject.engine().leftovers().stream()
                        .filter(left -> status.backfill().equals(left.standsInFor()))
                        .map(Leftover::name)
                        .toList()
                : List.of();
    }

    private RunStatus required(Subject subject) {
        return subject.engine()
                .status(subject.requiredName(), events)
                .orElseThrow(() -> new NeapException(
                        NeapException.Kind.STOP,
                        "there is no run of the backfill '" + subject.requiredName() + "' in this database"));
    }

    private RunStatus watch(Subject subject, Report report) {
        boolean bars = world.terminal() && !json && report.toTerminal();
        Instant begin = world.clock().instant();
        StatusView view = new StatusView();
        try (Footer footer = new Footer(world.out())) {
            while (true) {
                RunStatus status = required(subject);
                if (over(status)) {
                    return status;
                }
                Duration at = Duration.between(begin, world.clock().instant());
                if (bars) {
                    footer.draw(ProgressLines.bars(
                            view.view(status, at), world.width().getAsInt()));
                } else {
                    report.place().println(json ? Json.line(status) : ProgressLines.plain(view.view(status, at)));
                    report.place().flush();
                }
                if (!sleep(bars ? TERMINAL_EVERY : LINES_EVERY)) {
                    return status;
                }
            }
        }
    }

    private static boolean over(RunStatus status) {
        return status.state().equals("done") || (!status.state().equals("running") && !status.alive());
    }

    private static boolean sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
