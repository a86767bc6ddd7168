package dev.neap.run;

import dev.neap.backfill.Proofs;
import dev.neap.control.Approvals;
import dev.neap.control.Approvals.Approval;
import dev.neap.control.ControlStore;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Approvals of plans, in the control tables of one database. */
final class Approving {
    private final ControlStore control;
    private final Approvals approvals;

    Approving(ControlStore control) {
        this.control = control;
        this.approvals = new Approvals(control);
    }

    /** What is missing. A run that was begun goes on with the approval that it began with. */
    Unproven unproven(Plan plan, Proofs proofs) {
        List<Approval> found = new ArrayList<>(approvals.of(plan.hash()));
        control.unfinished(plan.backfill().name())
                .filter(run -> run.declared().equals(plan.backfill().declared()))
                .filter(run -> !run.planHash().equals(plan.hash()))
                .ifPresent(run -> found.addAll(approvals.of(run.planHash())));
        return Unproven.of(plan, proofs, found, approvals.role());
    }

    Approval approve(Plan plan, Proofs proofs, String by) {
        return approvals.approve(plan.hash(), plan.backfill().name(), by, proofs.answers());
    }

    /** Refuses a plan that nobody may approve as it is. */
    static void require(Plan plan, Proofs proofs) {
        if (plan.refused()) {
            throw new NeapException(Kind.USAGE, "the plan has findings that refuse a run; `neap check` shows them");
        }
        List<Finding> unanswered = Unproven.unanswered(plan, proofs.answers().keySet());
        if (!unanswered.isEmpty()) {
            throw new NeapException(
                    Kind.USAGE,
                    unanswered.stream()
                            .map(finding -> finding.check() + " has no answer: " + finding.what())
                            .collect(Collectors.joining("\n")));
        }
    }
}
