package dev.neap.testkit.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Approver;
import dev.neap.backfill.Proofs;
import dev.neap.control.Approvals;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.preflight.NullsHandled;
import dev.neap.run.Neap;
import dev.neap.run.RunListener;
import dev.neap.run.Stop;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What must be proven before a fill may write in `prod`, and for how long it counts: every dialect must pass. */
public abstract class ApprovalContract extends ContractDatabase {
    @Test
    void prod_runs_no_plan_that_nobody_has_approved() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, c int)", "INSERT INTO t VALUES (1, NULL)");
        Neap neap = neap(at -> {});
        Plan plan = neap.plan(FillRuns.backfill(inProd("fill: { into: t, set: { c: id } }")));
        Proofs any = answered(plan);

        assertThat(neap.unproven(plan, any).approval()).isEqualTo("nobody has approved this plan");

        Approvals.Approval approval = neap.approve(plan, any, "Ada");
        assertThat(approval.by()).isEqualTo("Ada");
        assertThat(approval.answers()).isEqualTo(any.answers());
        assertThat(neap.unproven(plan, new Proofs(Approver.ANY, Map.of())).refuses())
                .isFalse();
        assertThat(neap.unproven(plan, new Proofs(Approver.OTHER, any.answers()))
                        .approval())
                .startsWith("only the role " + approval.role());
        Plan other = neap.plan(FillRuns.backfill(inProd("fill: { into: t, set: { c: id + 1 } }")));
        assertThat(neap.unproven(other, any).refuses()).isTrue();
        assertThat(neap.approve(
                                other,
                                new Proofs(Approver.ANY, more(any, Map.of("of another plan", "it is meant"))),
                                "Bob")
                        .answers())
                .containsKey("of another plan");
        assertThat(neap.approve(plan, any, "Cid").answers()).isEqualTo(any.answers());

        Proofs asked = new Proofs(Approver.ANY, Map.of("metrics", "a screen", NullsHandled.CHECK, "looked again"));
        assertThat(neap.approve(plan, asked, "Ada").answers())
                .as("what was answered before stays, unless it is answered anew")
                .isEqualTo(more(any, asked.answers()));
    }

    @Test
    void a_plan_stays_approved_while_the_application_inserts() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, c int)", "INSERT INTO t VALUES (1, NULL)");
        Neap neap = neap(at -> {});
        String file = inProd("fill: { into: t, set: { c: id } }");
        Plan shown = neap.plan(FillRuns.backfill(file));
        execute("INSERT INTO t VALUES (7, NULL)");
        Plan approved = neap.plan(FillRuns.backfill(file));
        assertThat(approved.hash()).isEqualTo(shown.hash());
        neap.approve(approved, answered(approved), "Ada");
        execute("INSERT INTO t VALUES (8, NULL)");

        Plan now = neap.plan(FillRuns.backfill(file));

        assertThat(neap.unproven(now, new Proofs(Approver.ANY, Map.of())).refuses())
                .isFalse();
    }

    @Test
    void a_run_that_was_begun_goes_on_with_the_approval_that_it_began_with() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, c int)", "INSERT INTO t VALUES (1, NULL)");
        Neap neap = neap(at -> {});
        String file = inProd("fill: { into: t, set: { c: id } }");
        Plan begun = neap.plan(FillRuns.backfill(file));
        neap.approve(begun, answered(begun), "Ada");
        Stop stop = new Stop();
        stop.request("a test");
        neap.run(begun, RunListener.SILENT, stop);
        Plan other = neap.plan(FillRuns.backfill(inProd("fill: { into: t, set: { c: id + 1 } }")));
        assertThat(neap.unproven(other, answered(other)).approval())
                .as("a file that says something else")
                .isEqualTo("nobody has approved this plan");
        execute("ALTER TABLE t DROP COLUMN c", "ALTER TABLE t ADD COLUMN c bigint");

        Plan now = neap.plan(FillRuns.backfill(file));

        assertThat(now.hash()).isNotEqualTo(begun.hash());
        assertThat(neap.unproven(now, new Proofs(Approver.ANY, Map.of())).refuses())
                .isFalse();
        assertThat(neap.begun(now)).isTrue();
    }

    @Test
    void a_run_that_was_begun_is_one_of_the_same_declaration_and_not_of_the_same_name_alone() throws Exception {
        execute(
                "CREATE TABLE t (id int PRIMARY KEY, c int)",
                "INSERT INTO t VALUES (1, NULL)",
                "CREATE TABLE other (id int PRIMARY KEY, c int)");
        Neap neap = neap(at -> {});
        Plan plan = neap.plan(FillRuns.backfill(yaml("fill: { into: t, set: { c: id } }")));
        assertThat(neap.begun(plan)).as("before Neap was ever run here").isFalse();
        Stop stop = new Stop();
        stop.request("a test");
        neap.run(plan, RunListener.SILENT, stop);

        assertThat(neap.begun(plan)).isTrue();
        assertThat(neap.begun(neap.plan(FillRuns.backfill(yaml("fill: { into: other, set: { c: id } }")))))
                .isFalse();

        neap.run(plan, RunListener.SILENT, new Stop());
        assertThat(neap.begun(plan)).as("when it is done").isFalse();
    }

    @Test
    void what_speaks_for_readers_that_meet_null_is_asked_before_a_run_and_kept_with_it() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, c int)", "INSERT INTO t VALUES (1, NULL)");
        Neap neap = neap(at -> {});
        Plan plan = neap.plan(FillRuns.backfill(inProd("fill: { into: t, set: { c: id } }")));
        Proofs none = new Proofs(Approver.ANY, Map.of());
        assertThat(neap.unproven(plan, none).unanswered())
                .extracting(Finding::check)
                .contains(NullsHandled.CHECK);

        assertThatThrownBy(() -> neap.approve(plan, none, "Ada")).hasMessageContaining("nulls-handled has no answer: ");
        neap.approve(plan, answered(plan), "Ada");
        Stop stop = new Stop();
        stop.request("a test");
        neap.run(plan, RunListener.SILENT, stop);

        assertThat(rows("SELECT message FROM neap.event WHERE kind = 'nulls-handled' ORDER BY id"))
                .startsWith("nobody has seen that readers cope with NULL in ")
                .contains(" answered by Ada (role ")
                .endsWith("): it is meant");
        execute("DELETE FROM neap.answer");
        assertThat(neap.unproven(plan, none).unanswered())
                .as("a run that was begun")
                .extracting(Finding::check)
                .doesNotContain(NullsHandled.CHECK);
    }

    /** An answer to each finding, by anybody. */
    private static Proofs answered(Plan plan) {
        return new Proofs(
                Approver.ANY,
                plan.findings().stream()
                        .collect(Collectors.toMap(Finding::check, finding -> "it is meant", (a, b) -> a)));
    }

    private static Map<String, String> more(Proofs proofs, Map<String, String> answers) {
        Map<String, String> all = new HashMap<>(proofs.answers());
        all.putAll(answers);
        return all;
    }

    private String inProd(String fill) {
        return yaml(fill).replace("profile: dev", "profile: prod");
    }
}
