package dev.neap.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Approver;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Proofs;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.control.Approvals.Approval;
import dev.neap.plan.Estimate;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Watching;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a run of each profile needs before it may write. */
class UnprovenTest {
    private static final Finding TRIGGERS = Finding.warning("triggers", "greets on users", "they fire", "disable them");
    private static final Finding CLOCK = Finding.warning("clock", "6 s behind", "times do not fit", "use NTP");
    private static final Finding DISK = Finding.note("disk", "needs 1 GB", "look with df");

    private static Plan plan(Profile profile, Finding... findings) {
        Rebuild rebuild = new Rebuild(
                new TableName("public", "events"),
                PartitionRange.all(),
                Map.of("a", "upper(a)"),
                null,
                ApplicationWrites.OLD,
                LiveWrites.CAPTURE,
                Duration.ZERO);
        return new Plan(
                new Backfill("fix", profile, rebuild, Pace.unlimited(), 1_000, 3, Map.of(), List.of()),
                "a server",
                List.of(),
                new Estimate(0, 0, 0, 0, 0, 0, Duration.ZERO),
                List.of(),
                List.of(),
                List.of(findings),
                "5f0c2a91");
    }

    private static Proofs file(Approver approver, String... answered) {
        return new Proofs(
                approver, Arrays.stream(answered).collect(Collectors.toMap(check -> check, check -> "it is meant")));
    }

    private static Approval by(String role, String... answered) {
        return new Approval(
                1,
                "5f0c2a91",
                "Ada",
                role,
                Instant.EPOCH,
                file(Approver.ANY, answered).answers());
    }

    private static final Finding LAG = Watching.lag("no replica's lag is watched", "watch it");
    private static final Finding LOAD = Watching.load("add a signal");
    private static final Finding WRITES = Finding.warning(Watching.DUAL_WRITE, "nobody has seen it", "why", "watch it");

    @Test
    void staging_wants_to_see_the_lag_the_load_and_both_writes_or_an_answer_and_no_more() {
        Unproven unproven = Unproven.of(
                plan(Profile.STAGING, TRIGGERS, LAG, LOAD, WRITES), file(Approver.ANY, "load"), List.of(), "app");

        assertThat(unproven.unanswered()).containsExactly(LAG, WRITES);
        assertThat(unproven.approval()).isEmpty();
        assertThat(unproven.refuses()).isTrue();
        assertThat(Unproven.of(
                                plan(Profile.STAGING, TRIGGERS, LAG, LOAD, WRITES),
                                file(Approver.ANY, "load"),
                                List.of(by("dba", "replica-lag", "dual-write")),
                                "app")
                        .refuses())
                .isFalse();
        assertThat(Unproven.of(plan(Profile.DEV, LAG, LOAD, WRITES), file(Approver.ANY), List.of(), "app")
                        .refuses())
                .isFalse();
    }

    @Test
    void dev_and_staging_ask_for_no_approval() {
        for (Profile profile : List.of(Profile.DEV, Profile.STAGING)) {
            assertThat(Unproven.of(plan(profile, TRIGGERS), file(Approver.OTHER), List.of(), "app")
                            .refuses())
                    .isFalse();
        }
    }

    @Test
    void prod_refuses_a_plan_that_nobody_has_approved() {
        Unproven unproven = Unproven.of(plan(Profile.PROD), file(Approver.ANY), List.of(), "app");

        assertThat(unproven.refuses()).isTrue();
        assertThat(unproven.approval()).isEqualTo("nobody has approved this plan");
        assertThat(Unproven.of(plan(Profile.PROD), file(Approver.ANY), List.of(by("app")), "app")
                        .refuses())
                .isFalse();
    }

    @Test
    void where_the_file_says_so_the_role_that_runs_it_is_not_the_one_that_approves() {
        Plan plan = plan(Profile.PROD);

        assertThat(Unproven.of(plan, file(Approver.OTHER), List.of(by("app")), "app")
                        .approval())
                .startsWith("only the role app, which would run it, has approved");
        assertThat(Unproven.of(plan, file(Approver.OTHER), List.of(by("app"), by("dba")), "app")
                        .refuses())
                .isFalse();
    }

    @Test
    void every_warning_wants_an_answer_in_the_approval_or_in_the_file_and_a_note_wants_none() {
        Plan plan = plan(Profile.PROD, TRIGGERS, CLOCK, DISK, CLOCK);

        Unproven unproven = Unproven.of(plan, file(Approver.ANY), List.of(by("dba", "triggers")), "app");
        assertThat(unproven.unanswered()).containsExactly(CLOCK);
        assertThat(unproven.approval()).isEmpty();
        assertThat(unproven.refuses()).isTrue();
        assertThat(Unproven.of(plan, file(Approver.ANY, "clock"), List.of(by("dba", "triggers")), "app")
                        .refuses())
                .isFalse();
    }

    @Test
    void nobody_can_approve_a_plan_that_is_refused_or_a_warning_without_an_answer() {
        Finding loop = Finding.error("reads", "reads itself", "it never ends", "read another table");

        assertThatThrownBy(() -> Approving.require(plan(Profile.PROD, loop), file(Approver.ANY, "reads")))
                .hasMessageStartingWith("the plan has findings that refuse a run");
        assertThatThrownBy(() -> Approving.require(plan(Profile.PROD, TRIGGERS, CLOCK), file(Approver.ANY, "clock")))
                .hasMessage("triggers has no answer: greets on users; say --answer 'triggers=…', or mend it");
        assertThatCode(() -> Approving.require(plan(Profile.PROD, CLOCK, DISK), file(Approver.ANY, "clock")))
                .doesNotThrowAnyException();
    }

    @Test
    void an_approval_that_does_not_count_brings_no_answers() {
        assertThat(Unproven.of(plan(Profile.PROD, CLOCK), file(Approver.OTHER), List.of(by("app", "clock")), "app")
                        .unanswered())
                .containsExactly(CLOCK);
    }
}
