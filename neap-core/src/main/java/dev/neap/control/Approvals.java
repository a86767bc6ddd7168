package dev.neap.control;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Who has approved which plan, and what was answered to what its checks had found. On the store's connection. */
public final class Approvals {
    private final Handle handle;

    public Approvals(ControlStore store) {
        this.handle = store.handle();
    }

    /**
     * An approval.
     *
     * @param hash the plan's
     * @param by the person, as the process that recorded it was told
     * @param role the role of the database, as the database knows it
     * @param at by the database's clock
     * @param answers check to answer
     */
    public record Approval(long id, String hash, String by, String role, Instant at, Map<String, String> answers) {
        public Approval {
            answers = Map.copyOf(answers);
        }
    }

    /** The role that this connection has. */
    public String role() {
        return handle.createQuery("SELECT CURRENT_USER").mapTo(String.class).one();
    }

    /** Records an approval by this connection's role, with its answers, in one transaction. */
    public Approval approve(String hash, String backfill, String by, Map<String, String> answers) {
        long id = handle.inTransaction(h -> {
            long approval = h.createUpdate("INSERT INTO neap.approval (plan_hash, backfill, approved_by, approved_as)"
                            + " VALUES (:hash, :backfill, :by, CURRENT_USER)")
                    .bind("hash", hash)
                    .bind("backfill", backfill)
                    .bind("by", by)
                    .executeAndReturnGeneratedKeys("id")
                    .mapTo(Long.class)
                    .one();
            answers.forEach((check, answer) -> h.execute(
                    "INSERT INTO neap.answer (approval_id, finding, answer) VALUES (?, ?, ?)",
                    approval,
                    check,
                    answer));
            return approval;
        });
        return of(hash).stream()
                .filter(approval -> approval.id() == id)
                .findFirst()
                .orElseThrow();
    }

    /** All of a plan, the newest first. */
    public List<Approval> of(String hash) {
        return handle
                .createQuery("SELECT id, approved_by, approved_as, approved_at FROM neap.approval"
                        + " WHERE plan_hash = :hash ORDER BY id DESC")
                .bind("hash", hash)
                .map((rs, ctx) -> new Approval(
                        rs.getLong("id"),
                        hash,
                        rs.getString("approved_by"),
                        rs.getString("approved_as"),
                        rs.getTimestamp("approved_at").toInstant(),
                        Map.of()))
                .list()
                .stream()
                .map(approval -> new Approval(
                        approval.id(), hash, approval.by(), approval.role(), approval.at(), answers(approval.id())))
                .toList();
    }

    private Map<String, String> answers(long approval) {
        Map<String, String> answers = new LinkedHashMap<>();
        handle.createQuery("SELECT finding, answer FROM neap.answer WHERE approval_id = :approval ORDER BY finding")
                .bind("approval", approval)
                .map((rs, ctx) -> answers.put(rs.getString("finding"), rs.getString("answer")))
                .list();
        return answers;
    }
}
