package dev.neap.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * How far full verifications of fills have come that are not over. On the store's connection, and like it not for use by
 * several threads at once. Every time is the database's.
 */
public final class Verifications {
    /** One that nobody has been at for longer is not gone on with. */
    public static final Duration GONE_ON_WITHIN = Duration.ofDays(1);

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Handle handle;
    private final ControlSql sql;

    public Verifications(ControlStore store) {
        this.handle = store.handle();
        this.sql = store.sql();
    }

    /**
     * What a verification is about: it may go on only behind one about the same.
     *
     * @param backfill the backfill's name
     * @param part which of its fills, from 1
     * @param declared SHA-256 of what is expected
     * @param shape SHA-256 of the tables' columns
     * @param run the newest run of the backfill; 0 where there was none
     */
    public record Subject(String backfill, int part, String declared, String shape, long run) {}

    /**
     * A checkpoint.
     *
     * @param upTo every part up to this key was compared
     * @param expected rows that were expected in them
     * @param actual rows that were there
     * @param skipped rows that were not compared
     * @param settled rows that differed at first, and no longer
     * @param parts how many parts that were
     * @param again the keys of all rows among them that count as different or were not judged yet
     */
    public record Reached(
            List<String> upTo,
            long expected,
            long actual,
            long skipped,
            long settled,
            long parts,
            List<List<String>> again) {
        public Reached {
            upTo = List.copyOf(upTo);
            again = List.copyOf(again);
        }
    }

    /**
     * A verification that is not over.
     *
     * @param sitting how many processes have been at it
     * @param began when the first of them began
     * @param saved when the last of them saved its last checkpoint
     * @param old whether that is too long ago to go on
     * @param reached null before the first checkpoint
     */
    public record Kept(
            long id,
            Subject subject,
            int sitting,
            Instant began,
            Instant saved,
            boolean old,
            @Nullable Reached reached) {}

    /** This moment. */
    public Instant now() {
        return handle.createQuery(sql.in("SELECT {now} AS at"))
                .map((rs, ctx) -> rs.getTimestamp("at").toInstant())
                .one();
    }

    /** The newest run of a backfill, whatever became of it; 0 where there was none. */
    public long newestRun(String backfill) {
        return handle.createQuery("SELECT coalesce(max(id), 0) FROM neap.run WHERE backfill = :backfill")
                .bind("backfill", backfill)
                .mapTo(Long.class)
                .one();
    }

    /** The one about a fill of a backfill. */
    public Optional<Kept> find(String backfill, int part) {
        return one("backfill = ? AND part = ?", backfill, part);
    }

    private Optional<Kept> one(String which, Object... args) {
        String age = sql.in(sql.seconds("saved_at", "{now}"));
        var query = handle.createQuery(
                "SELECT v.*, " + age + " AS age FROM neap.verification v WHERE " + which + " ORDER BY id DESC LIMIT 1");
        for (int i = 0; i < args.length; i++) {
            query.bind(i, args[i]);
        }
        return query.map((rs, ctx) -> kept(rs)).findOne();
    }

    /** Begins one, in the place of any other about the same fill. */
    public Kept begin(Subject subject) {
        long id = handle.inTransaction(h -> {
            h.execute(
                    "DELETE FROM neap.verification WHERE backfill = ? AND part = ?",
                    subject.backfill(),
                    subject.part());
            return h.createUpdate("INSERT INTO neap.verification (backfill, part, declared, shape, run_id)"
                            + " VALUES (:backfill, :part, :declared, :shape, :run)")
                    .bind("backfill", subject.backfill())
                    .bind("part", subject.part())
                    .bind("declared", subject.declared())
                    .bind("shape", subject.shape())
                    .bind("run", subject.run())
                    .executeAndReturnGeneratedKeys("id")
                    .mapTo(Long.class)
                    .one();
        });
        return one("id = ?", id).orElseThrow();
    }

    /**
     * Goes on with one: from now on nobody else saves its checkpoint.
     *
     * @return empty when another process has gone on with it since it was read, or it is over
     */
    public Optional<Kept> takeUp(Kept kept) {
        int taken = handle.execute(
                "UPDATE neap.verification SET sitting = sitting + 1 WHERE id = ? AND sitting = ?",
                kept.id(),
                kept.sitting());
        return taken == 1 ? one("id = ?", kept.id()) : Optional.empty();
    }

    /** Saves a checkpoint; false when another process has gone on with it, or it is over, and nothing was saved. */
    public boolean save(Kept kept, Reached reached) {
        return handle.execute(
                        sql.in("UPDATE neap.verification SET saved_at = {now}, upto_key = ?, expected = ?, actual = ?,"
                                + " skipped = ?, settled = ?, parts = ?, look_again = ? WHERE id = ? AND sitting = ?"),
                        written(reached.upTo()),
                        reached.expected(),
                        reached.actual(),
                        reached.skipped(),
                        reached.settled(),
                        reached.parts(),
                        written(reached.again()),
                        kept.id(),
                        kept.sitting())
                == 1;
    }

    /** It is over; one that another process has gone on with stays. */
    public void over(Kept kept) {
        handle.execute("DELETE FROM neap.verification WHERE id = ? AND sitting = ?", kept.id(), kept.sitting());
    }

    private static Kept kept(ResultSet rs) throws SQLException {
        String upTo = rs.getString("upto_key");
        return new Kept(
                rs.getLong("id"),
                new Subject(
                        rs.getString("backfill"),
                        rs.getInt("part"),
                        rs.getString("declared"),
                        rs.getString("shape"),
                        rs.getLong("run_id")),
                rs.getInt("sitting"),
                rs.getTimestamp("began_at").toInstant(),
                rs.getTimestamp("saved_at").toInstant(),
                rs.getDouble("age") > GONE_ON_WITHIN.toSeconds(),
                upTo == null
                        ? null
                        : new Reached(
                                read(upTo, new TypeReference<List<String>>() {}),
                                rs.getLong("expected"),
                                rs.getLong("actual"),
                                rs.getLong("skipped"),
                                rs.getLong("settled"),
                                rs.getLong("parts"),
                                read(rs.getString("look_again"), new TypeReference<List<List<String>>>() {})));
    }

    private static String written(List<?> key) {
        try {
            return JSON.writeValueAsString(key);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can be written as JSON", e);
        }
    }

    private static <T> T read(String json, TypeReference<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a checkpoint in neap.verification is not as Neap wrote it", e);
        }
    }
}
