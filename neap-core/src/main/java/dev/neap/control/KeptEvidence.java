package dev.neap.control;

import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.preflight.NullsHandled;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** What spoke for readers that cope with what is not filled yet stays with the run, as events of it. */
public final class KeptEvidence {
    private KeptEvidence() {}

    /** What was found when the plan was made, and the newest answer in an approval of the plan. */
    static void keep(Handle h, long run, Plan plan) {
        for (Finding finding : plan.findings()) {
            if (finding.check().equals(NullsHandled.CHECK)) {
                event(h, run, finding.what());
            }
        }
        h.createQuery("""
                        SELECT a.approved_by, a.approved_as, n.answer
                        FROM neap.answer n JOIN neap.approval a ON a.id = n.approval_id
                        WHERE a.plan_hash = :hash AND n.finding = :check ORDER BY a.id DESC LIMIT 1
                        """)
                .bind("hash", plan.hash())
                .bind("check", NullsHandled.CHECK)
                .map((rs, ctx) -> "answered by " + rs.getString("approved_by") + " (role " + rs.getString("approved_as")
                        + "): " + rs.getString("answer"))
                .findOne()
                .ifPresent(answer -> event(h, run, answer));
    }

    /**
     * What was kept with the newest run of a backfill that any was kept with: what was found when it was planned, table by
     * table, and last the answer, if there was one. Empty where no run was asked for it.
     */
    public static List<String> of(ControlStore store, String backfill) {
        return store.handle()
                .createQuery("""
                        SELECT message FROM neap.event WHERE kind = :kind AND run_id =
                            (SELECT max(e.run_id) FROM neap.event e JOIN neap.run r ON r.id = e.run_id
                             WHERE e.kind = :kind AND r.backfill = :backfill)
                        ORDER BY id
                        """)
                .bind("kind", NullsHandled.CHECK)
                .bind("backfill", backfill)
                .mapTo(String.class)
                .list();
    }

    private static void event(Handle h, long run, String message) {
        h.execute("INSERT INTO neap.event (run_id, kind, message) VALUES (?, ?, ?)", run, NullsHandled.CHECK, message);
    }
}
