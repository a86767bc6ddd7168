package dev.neap.cli;

import dev.neap.backfill.Profile;
import dev.neap.cli.text.Json;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.run.Unproven;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a profile asks for before a run may write, in words. */
final class ProofText {
    private ProofText() {}

    /** Why a run may not start, and what to type. */
    static Answer refusal(Unproven unproven, Plan plan, Path file) {
        String profile = plan.backfill().profile().label();
        List<String> lines = new ArrayList<>();
        lines.add("The profile " + profile + " asks for an approved plan, and for an answer to every warning.");
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
                approve(plan, file, unproven.unanswered()));
    }

    /** In production a run that nobody can watch is a finding like any other. */
    static List<Finding> unwatched(Plan plan) {
        return plan.backfill().profile().asksForApproval()
                ? List.of(Finding.warning(
                        "metrics",
                        "nobody can watch the run from outside",
                        "the profile asks for live metrics: rows, waits and failures on the screens that watch production",
                        "say --metrics PORT"))
                : List.of();
    }

    /** In staging and in production a fill stands on an application that writes both places, and somebody is to have seen it. */
    static List<Finding> unseen(Plan plan) {
        return plan.backfill().byApplication() && plan.backfill().profile() != Profile.DEV
                ? List.of(Finding.warning(
                        "dual-write",
                        "nobody has seen that the application writes both places",
                        "a row that it writes in one place alone is missing or stale in the other when the fill is over",
                        "say --dual-write 60s; where nothing writes these tables, say so in an answer"))
                : List.of();
    }

    /** What comes after a plan: with a profile that asks for it, somebody's approval. */
    static String afterPlan(Plan plan, Path file) {
        return plan.backfill().profile().asksForApproval()
                ? approve(plan, file, List.of()) + ", then: " + Shell.neap("run", file)
                : Shell.neap("run", file);
    }

    private static String approve(Plan plan, Path file, List<Finding> unanswered) {
        Stream<Object> answers = unanswered.stream()
                .map(Finding::check)
                .distinct()
                .flatMap(check -> Stream.of("--answer", check + "=…"));
        return Shell.neap(
                "approve",
                Stream.concat(Stream.of(PlanHash.shown(plan), file), answers).toArray());
    }
}
