package dev.neap.run;

import dev.neap.backfill.Approver;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Proofs;
import dev.neap.control.Approvals.Approval;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Watching;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the profile of a plan asks for before a run may write, and is not there.
 *
 * @param approval why the plan does not count as approved, in words; empty when it does
 * @param unanswered warnings to which there is no answer
 */
public record Unproven(String approval, List<Finding> unanswered) {
    /** Nothing is missing. */
    public static final Unproven NOTHING = new Unproven("", List.of());

    public Unproven {
        unanswered = List.copyOf(unanswered);
    }

    /** Whether something is. */
    public boolean refuses() {
        return !approval.isEmpty() || !unanswered.isEmpty();
    }

    /**
     * Compares what is asked for with what is there.
     *
     * @param approvals of the plan, or of the unfinished run that would go on with it; the newest first
     * @param role the role of the database that would run it
     */
    static Unproven of(Plan plan, Proofs proofs, List<Approval> approvals, String role) {
        Optional<Approval> counts = approvals.stream()
                .filter(approval ->
                        proofs.approver() == Approver.ANY || !approval.role().equals(role))
                .findFirst();
        Set<String> answered = new HashSet<>(proofs.answers().keySet());
        counts.ifPresent(approval -> answered.addAll(approval.answers().keySet()));
        String why = "";
        if (counts.isEmpty() && plan.backfill().profile().asksForApproval()) {
            why = approvals.isEmpty()
                    ? "nobody has approved this plan"
                    : "only the role " + role + ", which would run it, has approved this plan, and the file says"
                            + " approval: other";
        }
        return new Unproven(why, unanswered(plan, answered));
    }

    /** Warnings of a plan that its profile wants an answer to, and to which there is none, each once. */
    static List<Finding> unanswered(Plan plan, Set<String> answered) {
        return plan.findings().stream()
                .filter(finding -> finding.severity() == Finding.Severity.WARNING
                        && wanted(plan.backfill().profile(), finding.check()))
                .filter(finding -> !answered.contains(finding.check()))
                .distinct()
                .toList();
    }

    /** In production each is; where a load is simulated, that somebody sees what it does is what it is for. */
    private static boolean wanted(Profile profile, String check) {
        return profile.asksForApproval() || (profile.asksForProofs() && Watching.CHECKS.contains(check));
    }
}
