package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Proofs;
import dev.neap.cli.text.Json;
import dev.neap.control.Approvals.Approval;
import dev.neap.plan.Plan;
import dev.neap.run.Engine;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Records that somebody approves a plan. */
@Command(
        name = "approve",
        description = {
            "Records in the control tables that you approve a plan: who, when, and an answer to each of its warnings. The"
                    + " profile prod runs no plan that nobody has approved.",
            "Answers of the file count, too, and those that your role has given to the same plan before. A plan with errors cannot be approved."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:approved", "1:error", "2:refused: errors, a warning without an answer, another hash"},
        footer = {
            "",
            "Examples:",
            "  neap approve 5f0c2a91 fix-revenue.yaml",
            "  neap approve 5f0c2a91 fill.yaml --answer 'triggers=the audit wants these rows' --by 'Ada Lovelace'"
        })
final class ApproveCommand extends NeapSubcommand {
    @Parameters(
            index = "0",
            paramLabel = "HASH",
            description = "The plan's hash, as neap plan shows it, or its first 8 or more characters.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String hash;

    @Parameters(index = "1", paramLabel = "FILE", description = "The backfill file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Option(
            names = "--answer",
            paramLabel = "CHECK=TEXT",
            description = "Why the run may start in spite of what this check found. May be given several times.")
    private List<String> answers = List.of();

    @Option(names = "--by", paramLabel = "NAME", description = "Who approves. Without it: who is logged in here.")
    private @Nullable String by;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    ApproveCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        if (by != null && by.isBlank()) {
            throw new BackfillException("--by cannot be empty; write the name of the person who approves");
        }
        BackfillFile backfill = settings.read(file, world.environment());
        Map<String, String> all = new LinkedHashMap<>(backfill.proofs().answers());
        all.putAll(given());
        Engine engine = world.engines().open(backfill.target(world.environment()));
        Plan plan = engine.plan(backfill.backfill());
        PlanHash.require(plan, hash, file);
        if (plan.refused()) {
            return Answer.of(
                    ExitCode.USAGE,
                    PlanText.findings(plan.findings()),
                    Json.object(Map.of("findings", plan.findings(), "approved", false)),
                    "mend the errors, then: " + Shell.neap("plan", file));
        }
        Proofs proofs = new Proofs(backfill.proofs().approver(), all);
        Approval approval =
                engine.approve(plan, proofs, by == null ? world.environment().userName() : by);
        ObjectNode data = Json.object(approval).put("approved", true);
        String text = "The plan " + approval.hash() + " of " + plan.backfill().name() + " is approved by "
                + approval.by() + " (role " + approval.role() + ") at " + approval.at() + ".";
        List<String> options = ProofText.options(engine.unprovenYet(ProofText.asRun(engine, plan), backfill.proofs()));
        return Answer.of(
                ExitCode.DONE,
                text,
                data,
                Shell.neap("run", file) + (options.isEmpty() ? "" : " " + String.join(" ", options)));
    }

    private Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        for (String answer : answers) {
            int equals = answer.indexOf('=');
            String text = answer.substring(equals + 1).strip();
            if (equals < 1 || text.isEmpty() || text.equals("…")) {
                throw new BackfillException("--answer cannot be '" + answer
                        + "'; write the name of a check, =, and why the run may start all the same");
            }
            given.put(answer.substring(0, equals).strip(), text);
        }
        return given;
    }
}
