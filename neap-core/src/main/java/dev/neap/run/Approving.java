package dev.neap.run;

import dev.neap.backfill.Proofs;
import dev.neap.control.Approvals;
import dev.neap.control.Approvals.Approval;
import dev.neap.control.ControlStore;
import dev.neap.control.RunRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.preflight.NullsHandled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        Optional<RunRow> begun = begun(plan);
        begun.filter(run -> !run.planHash().equals(plan.hash()))
                .ifPresent(run -> found.addAll(approvals.of(run.planHash())));
        return Unproven.of(plan, begun.isPresent() ? begun(proofs) : proofs, found, approvals.role());
    }

    /** The run that a run of this plan would go on with: another declaration of the same name is none. */
    Optional<RunRow> begun(Plan plan) {
        return control.unfinished(plan.backfill().name())
                .filter(run -> run.declared().equals(plan.backfill().declared()));
    }

    /** Whether readers cope is asked before they meet the first row; what was known then is kept with the run. */
    private static Proofs begun(Proofs proofs) {
        Map<String, String> answers = new LinkedHashMap<>(proofs.answers());
        answers.putIfAbsent(NullsHandled.CHECK, "the run was begun");
        return new Proofs(proofs.approver(), answers);
    }

    /** With what this role has answered before for the same plan, so that one who is asked for more repeats nothing. */
    Proofs withEarlier(Plan plan, Proofs proofs) {
        Map<String, String> answers = new LinkedHashMap<>(proofs.answers());
        String role = approvals.role();
        approvals.of(plan.hash()).stream()
                .filter(approval -> approval.role().equals(role))
                .forEach(approval -> approval.answers().forEach(answers::putIfAbsent));
        return new Proofs(proofs.approver(), answers);
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
                            .map(finding -> finding.check() + " has no answer: " + finding.what() + "; say --answer '"
                                    + finding.check() + "=…', or mend it")
                            .collect(Collectors.joining("\n")));
        }
    }
}
