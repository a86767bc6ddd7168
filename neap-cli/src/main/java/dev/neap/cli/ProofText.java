package dev.neap.cli;

import dev.neap.backfill.Profile;
import dev.neap.cli.text.Json;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Watching;
import dev.neap.run.Engine;
import dev.neap.run.Unproven;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a profile asks for before a run may write, in words. */
final class ProofText {
    private static final String METRICS = "metrics";

    /** Checks that an option of the run makes needless. */
    private static final Map<String, String> SPARED =
            Map.of(Watching.DUAL_WRITE, "--dual-write " + DualWriteOption.USUAL, METRICS, "--metrics PORT");

    private ProofText() {}

    /** Why a run may not start, and what to type. */
    static Answer refusal(Unproven unproven, Plan plan, Path file) {
        String profile = plan.backfill().profile().label();
        List<String> lines = new ArrayList<>();
        lines.add("The profile " + profile
                + (plan.backfill().profile().asksForApproval()
                        ? " asks for an approved plan, and for an answer to every warning."
                        : " asks for an answer where nobody sees what the run does, or what the application does."));
        if (!unproven.approval().isEmpty()) {
            lines.add("Not approved: " + unproven.approval() + ". Its hash is " + plan.hash() + ".");
        }
        if (!unproven.unanswered().isEmpty()) {
            lines.add("Not answered:");
            lines.add(PlanText.findings(unproven.unanswered()));
        }
        return Answer.of(
                ExitCode.USAGE,
                String.join("\n", lines),
                Json.object(Map.of(
                        "refused",
                        true,
                        "hash",
                        plan.hash(),
                        "approval",
                        unproven.approval(),
                        "unanswered",
                        unproven.unanswered())),
                next(unproven, plan, file));
    }

    /** In production a run that nobody can watch is a finding like any other. */
    static List<Finding> unwatched(Plan plan) {
        return plan.backfill().profile().asksForApproval()
                ? List.of(Finding.warning(
                        METRICS,
                        "nobody can watch the run from outside",
                        "the profile asks for live metrics: rows, waits and failures on the screens that watch production",
                        "say --metrics PORT"))
                : List.of();
    }

    /** In staging and in production a fill stands on an application that writes both places, and somebody is to have seen it. */
    static List<Finding> unseen(Plan plan) {
        return plan.backfill().byApplication() && plan.backfill().profile() != Profile.DEV
                ? List.of(Finding.warning(
                        Watching.DUAL_WRITE,
                        "nobody has seen that the application writes both places",
                        "a row that it writes in one place alone is missing or stale in the other when the fill is over",
                        "say --dual-write 60s; where nothing writes these tables, say so in an answer"))
                : List.of();
    }

    /** A plan with what a run of it, without an option that would spare it, is asked besides; only where it wants answers. */
    static Plan asRun(Engine engine, Plan plan) {
        if (!plan.backfill().profile().asksForProofs()) {
            return plan;
        }
        return (engine.begun(plan) ? plan : plan.and(unseen(plan))).and(unwatched(plan));
    }

    /** All that a run is going to ask for, with what to put into the file; empty where it asks for nothing. */
    static String asked(Unproven unproven, Plan plan) {
        if (!unproven.refuses()) {
            return "";
        }
        List<String> lines = new ArrayList<>();
        lines.add("Before it runs, the profile " + plan.backfill().profile().label() + " asks for"
                + (unproven.approval().isEmpty() ? "" : " an approval (" + unproven.approval() + ")")
                + (unproven.unanswered().isEmpty()
                        ? ""
                        : (unproven.approval().isEmpty() ? "" : " and") + " an answer to each of these warnings")
                + ".");
        if (!unproven.unanswered().isEmpty()) {
            lines.add("With the approval, or in the file, where it holds for every run:");
            lines.add("  answers:");
            checks(unproven.unanswered())
                    .forEach(check -> lines.add("    " + check + ": …"
                            + (SPARED.containsKey(check) ? "   # or: neap run " + SPARED.get(check) : "")));
        }
        return String.join("\n", lines);
    }

    /** What a run may be given in place of answers that are missing. */
    static List<String> options(Unproven unproven) {
        return checks(unproven.unanswered())
                .filter(SPARED::containsKey)
                .map(SPARED::get)
                .toList();
    }

    private static Stream<String> checks(List<Finding> findings) {
        return findings.stream().map(Finding::check).distinct();
    }

    /** What comes after a plan: with a profile that asks for it, somebody's approval. */
    static String afterPlan(Unproven unproven, Plan plan, Path file) {
        if (!unproven.refuses()) {
            return Shell.neap("run", file);
        }
        return spared(unproven)
                ? watching(file)
                : approve(plan, file, unproven.unanswered()) + ", then: " + Shell.neap("run", file);
    }

    private static String next(Unproven unproven, Plan plan, Path file) {
        return spared(unproven) ? watching(file) : approve(plan, file, unproven.unanswered());
    }

    /** Whether a watch of the application is all that is missing. */
    private static boolean spared(Unproven unproven) {
        return unproven.approval().isEmpty()
                && checks(unproven.unanswered()).toList().equals(List.of(Watching.DUAL_WRITE));
    }

    private static String watching(Path file) {
        return Shell.neap("run", file, "--dual-write", DualWriteOption.USUAL);
    }

    private static String approve(Plan plan, Path file, List<Finding> unanswered) {
        Stream<Object> answers = checks(unanswered).flatMap(check -> Stream.of("--answer", check + "=…"));
        return Shell.neap(
                "approve",
                Stream.concat(Stream.of(PlanHash.shown(plan), file), answers).toArray());
    }
}
