package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Durations;
import dev.neap.cli.text.Json;
import dev.neap.cli.verify.VerifyPage;
import dev.neap.cli.verify.VerifyText;
import dev.neap.plan.Plan;
import dev.neap.run.Engine;
import dev.neap.run.Unproven;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import dev.neap.verify.VerifyRequest.Fix;
import dev.neap.verify.VerifyRequest.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares what a fill or a rebuild wrote with what is expected. */
@Command(
        name = "verify",
        description = {
            "Compares every row that a fill wrote with what is expected: with the transform, run again, or with what the"
                    + " file's expect says. Both sides are hashed in the database; what differs is looked at again under a"
                    + " lock, after the time that an application's second write may take, before it counts.",
            "Of a rebuild it compares each partition with the one that it replaced, as long as that is kept: with the"
                    + " recompute, run again, or with expect. Rows that somebody has written since the swap are left out.",
            "It writes nothing but its own checkpoint, unless --fix is said, and keeps the file's pace. A full one of a fill"
                    + " that was stopped goes on where it was."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every row is as expected, or has been mended; of a sample, the claim holds; the aggregates agree",
            "1:error",
            "2:wrong usage, an expectation that does not compile, or mending what a run may not write",
            "3:not mended, since the answer was no; or a signal was silent for too long",
            "4:rows differ, or nothing could be compared",
            "5:a breaker tripped while rows were mended",
            "7:a table was locked for too long",
            "130:interrupted, checkpointed where every row of a fill is compared",
            "143:terminated, likewise"
        },
        footer = {
            "",
            "Example:",
            "  neap verify split-full-name.yaml",
            "  neap verify split-full-name.yaml --sample",
            "  neap verify split-full-name.yaml --aggregates",
            "  neap verify split-full-name.yaml --dual-write 60s",
            "  neap verify split-full-name.yaml --fix-sql --output mend.sql",
            "  neap verify split-full-name.yaml --fix",
            "  neap verify split-full-name.yaml --html verified.html",
            "  neap verify split-full-name.yaml --json --output verified.json",
            "  neap verify fix-revenue.yaml events_2024_01 events_2024_02"
        })
final class VerifyCommand extends NeapSubcommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "The backfill file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Parameters(
            index = "1..*",
            paramLabel = "PARTITION",
            description = "Only these, of a rebuild; without them all that its runs replaced.")
    private List<String> partitions = List.of();

    @Option(
            names = "--sample",
            description = "Compares as many random rows as the file's verify.match and verify.confidence need: an early"
                    + " warning, and no proof of every row.")
    private boolean sample;

    @Option(
            names = "--aggregates",
            description =
                    "Compares numbers of rows, sums, smallest and largest values, part by part, and names rows only"
                            + " where they differ: errors that cancel out are not seen, so it is no proof of every row.")
    private boolean aggregates;

    @Mixin
    private DualWriteOption dualWrite = new DualWriteOption();

    @Option(
            names = "--fix",
            description = "Writes what is expected of rows that differ, by the file's rule for what is there already:"
                    + " a few at a time, and only those that still differ under their lock. Deletes no extra row. Asks"
                    + " before it writes.")
    private boolean fix;

    @Option(names = "--fix-sql", description = "Prints the SQL that --fix would execute, and changes nothing.")
    private boolean fixSql;

    @Option(names = "--html", paramLabel = "FILE", description = "Writes a page with pictures there too.")
    private @Nullable Path html;

    @Option(names = "--yes", description = "Does not ask.")
    private boolean yes;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    VerifyCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        PageFile.check(html);
        BackfillFile backfill = settings.read(file, world.environment());
        VerifyRequest request = request(backfill.backfill().fills());
        Engine engine = world.engines().open(backfill.target(world.environment()));
        if (request.fix() == Fix.MEND && backfill.backfill().fills()) {
            Optional<Answer> refusal = refusal(engine, backfill);
            if (refusal.isPresent()) {
                return refusal.get();
            }
        }
        Verifying verifying = Verifying.of(
                world,
                (listener, stop) ->
                        engine.verify(backfill.backfill(), backfill.verification(), request, listener, stop));
        VerifyReport report = verifying.report();
        if (report == null) {
            return Answer.of(
                    verifying.exitCode(),
                    verifying.stopped(),
                    Json.object().put("stopped", verifying.stopped()),
                    command(request));
        }
        String text = request.fix() == Fix.PRINT ? VerifyText.script(report) : VerifyText.whole(report);
        ObjectNode data = Json.object(report).put("proved", report.proved());
        for (int i = 0; i < report.tables().size(); i++) {
            TableReport table = report.tables().get(i);
            ((ObjectNode) data.withArray("tables").get(i))
                    .put("proved", table.proved())
                    .put("differing", table.differing());
        }
        if (html != null) {
            PageFile.write(html, VerifyPage.of(report, world.clock().instant()));
            text += (request.fix() == Fix.PRINT ? "\n\n-- " : "\n\n") + "The page is in " + html + ".";
            data.put("html", html.toString());
        }
        return new Answer(
                report.proved() ? ExitCode.DONE : ExitCode.MISMATCH,
                text,
                data,
                next(report, request, backfill),
                request.fix() == Fix.PRINT ? "--" : "");
    }

    /** What was typed, as far as it says what is compared. */
    private String command(VerifyRequest asked) {
        List<Object> words = new ArrayList<>(List.of(file));
        words.addAll(partitions);
        switch (asked.scope()) {
            case SAMPLE -> words.add("--sample");
            case AGGREGATES -> words.add("--aggregates");
            case WRITTEN -> words.addAll(List.of("--dual-write", Durations.write(asked.watch())));
            case EVERY_ROW -> {}
        }
        switch (asked.fix()) {
            case MEND -> words.add("--fix");
            case PRINT -> words.add("--fix-sql");
            case NONE -> {}
        }
        return Shell.neap("verify", words.toArray());
    }

    private String next(VerifyReport report, VerifyRequest asked, BackfillFile backfill) {
        if (report.proved()) {
            return switch (asked.scope()) {
                case SAMPLE, AGGREGATES ->
                    Shell.neap("verify", file) + ", before anything is dropped: it compares every row";
                case EVERY_ROW, WRITTEN -> "nothing: keep this report with the change";
            };
        }
        if (!backfill.backfill().fills()) {
            return "find out why these rows differ, or name only partitions that can be compared; "
                    + Shell.neap("undo", file) + " puts old partitions back, with every write since";
        }
        if (asked.scope() == Scope.WRITTEN) {
            return (differs(report) ? "find out which writer leaves out one of the two places; " : "")
                    + Shell.neap("verify", file, "--dual-write", DualWriteOption.USUAL) + " watches again";
        }
        if (!differs(report)) {
            return because(report) + Shell.neap("verify", file) + " looks again";
        }
        return switch (asked.fix()) {
            case NONE ->
                "find out why these rows differ; " + Shell.neap("verify", file, "--fix-sql")
                        + " shows what would mend them, " + Shell.neap("verify", file) + " looks again";
            case MEND -> "find out why the others differ; " + Shell.neap("verify", file) + " looks again";
            case PRINT ->
                report.tables().stream().allMatch(VerifyCommand::withoutSql)
                        ? "find out why these rows differ; " + Shell.neap("verify", file, "--fix")
                                + " would write none of them"
                        : mendsUnapproved(backfill)
                                ? "look at it, and execute it if it is right"
                                : "execute it, or " + Shell.neap("verify", file, "--fix");
        };
    }

    private static boolean differs(VerifyReport report) {
        return report.tables().stream().anyMatch(table -> table.left() > 0);
    }

    private static boolean withoutSql(TableReport table) {
        TableReport.Fix fix = table.fix();
        return fix == null || fix.sql().isEmpty();
    }

    /** No row differs, and all the same it is not proved: rows that nobody could follow have a note of their own. */
    private static String because(VerifyReport report) {
        List<String> causes = new ArrayList<>();
        if (report.tables().stream().anyMatch(table -> table.rows().expected() == 0)) {
            causes.add("find out why there is no row to compare: see from, where, keys and already_right");
        }
        if (report.assertions().stream().anyMatch(assertion -> !assertion.holds())) {
            causes.add("find out why what the file asserts does not hold");
        }
        return causes.stream().map(cause -> cause + "; ").collect(Collectors.joining());
    }

    /** Why nothing may be mended: what a run may not write without, a mend may not either. */
    private Optional<Answer> refusal(Engine engine, BackfillFile backfill) {
        Question.requireSomebody(world, yes, json);
        if (mendsUnapproved(backfill)) {
            String why = "In the profile " + backfill.backfill().profile().label()
                    + " nothing is mended by what expect says: an approval is of what the plan writes, and expect is no"
                    + " part of the plan.";
            return Optional.of(Answer.of(
                    ExitCode.USAGE,
                    why,
                    Json.object().put("refused", why),
                    Shell.neap("verify", file, "--fix-sql")
                            + " prints what would mend these rows, for somebody to look at"));
        }
        if (backfill.backfill().profile().asksForApproval()) {
            Plan plan = engine.plan(backfill.backfill());
            Unproven unproven = engine.unproven(plan, backfill.proofs());
            if (unproven.refuses()) {
                return Optional.of(ProofText.refusal(unproven, plan, file));
            }
        }
        return yes || Question.yes(world, "Compare all rows, and mend those that differ?")
                ? Optional.empty()
                : Optional.of(
                        Answer.of(ExitCode.STOPPED, "Nothing was changed.", Json.object(), Shell.neap("verify", file)));
    }

    /** Whether a mend would write, by what the file expects, something else than what somebody has approved. */
    private static boolean mendsUnapproved(BackfillFile backfill) {
        return backfill.backfill().profile().asksForApproval()
                && backfill.verification().expect().stream().anyMatch(expect -> !expect.isEmpty());
    }

    private VerifyRequest request(boolean fills) {
        if (fills && !partitions.isEmpty()) {
            throw new BackfillException("partitions are those of a rebuild, and this is a fill; leave out "
                    + String.join(", ", partitions));
        }
        return request().of(partitions);
    }

    private VerifyRequest request() {
        if (fix && fixSql) {
            throw new BackfillException("--fix mends, --fix-sql changes nothing; say one of them");
        }
        Optional<Duration> watch = dualWrite.watch();
        if (fix || fixSql) {
            if (sample || aggregates || watch.isPresent()) {
                throw new BackfillException(
                        "rows are mended where all are compared; leave out --sample, --aggregates and --dual-write");
            }
            return VerifyRequest.everyRow(fix ? Fix.MEND : Fix.PRINT);
        }
        if (Stream.of(sample, aggregates, watch.isPresent())
                        .filter(said -> said)
                        .count()
                > 1) {
            throw new BackfillException("--sample looks at random rows, --aggregates at all of them together,"
                    + " --dual-write at new ones; say one of them");
        }
        if (watch.isPresent()) {
            return new VerifyRequest(VerifyRequest.Scope.WRITTEN, watch.get());
        }
        return sample ? VerifyRequest.SAMPLE : aggregates ? VerifyRequest.AGGREGATES : VerifyRequest.EVERY_ROW;
    }
}
