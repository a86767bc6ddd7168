package dev.neap.verify;

import dev.neap.control.Verifications;
import dev.neap.control.Verifications.Kept;
import dev.neap.control.Verifications.Reached;
import dev.neap.control.Verifications.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint in the control tables. It goes on behind an earlier process only where that has compared just the same: other
 * expectations, columns or runs make another claim, and one that was left alone for long is no claim about now.
 */
final class KeptCheckpoint implements Checkpoint {
    private final Verifications verifications;
    private final Kept kept;
    private final @Nullable Kept earlier;
    private final Instant resumed;
    private final String anew;
    private boolean taken;
    private @Nullable Reached last;

    /** @param anew why it begins anew; empty where there is nothing to say */
    private KeptCheckpoint(Verifications verifications, Kept kept, @Nullable Kept earlier, String anew) {
        this.verifications = verifications;
        this.kept = kept;
        this.earlier = earlier;
        this.resumed = verifications.now();
        this.anew = anew;
        this.last = earlier == null ? null : earlier.reached();
    }

    static KeptCheckpoint open(Verifications verifications, Subject subject) {
        Kept before = verifications.find(subject.backfill(), subject.part()).orElse(null);
        if (before == null || before.reached() == null) {
            return new KeptCheckpoint(verifications, verifications.begin(subject), null, "");
        }
        String anew = anew(before, subject);
        Optional<Kept> taken = anew.isEmpty() ? verifications.takeUp(before) : Optional.empty();
        return taken.map(now -> new KeptCheckpoint(verifications, now, now, ""))
                .orElseGet(() -> new KeptCheckpoint(
                        verifications,
                        verifications.begin(subject),
                        null,
                        anew.isEmpty() ? "another process has just gone on with it" : anew));
    }

    private static String anew(Kept before, Subject subject) {
        if (before.old()) {
            return "that was more than " + Verifications.GONE_ON_WITHIN.toHours() + " hours ago";
        }
        if (!before.subject().declared().equals(subject.declared())) {
            return "the file expects something else now";
        }
        if (!before.subject().shape().equals(subject.shape())) {
            return "the columns of the tables are not the same";
        }
        return before.subject().run() == subject.run() ? "" : "run " + subject.run() + " was made since";
    }

    @Override
    public Optional<Reached> before() {
        return Optional.ofNullable(earlier).map(Kept::reached);
    }

    /** Where another process goes on from this one's checkpoint, that one saves its own. */
    @Override
    public void save(Reached reached) {
        taken = taken || !verifications.save(kept, reached);
        last = taken ? last : reached;
    }

    @Override
    public TableReport.@Nullable Sittings sittings() {
        Reached reached = before().orElse(null);
        return reached == null
                ? null
                : new TableReport.Sittings(
                        kept.sitting(), reached.upTo(), kept.began(), kept.saved(), resumed, verifications.now());
    }

    @Override
    public List<String> notes() {
        return anew.isEmpty() ? List.of() : List.of("an earlier verification was not gone on with: " + anew);
    }

    /** Where the next process goes on, in words. */
    String where() {
        Reached reached = last;
        if (taken) {
            return "nothing is kept: another process has gone on with it";
        }
        return reached == null
                ? "nothing was compared yet, and the same command begins with it"
                : "every row up to the key " + String.join(", ", reached.upTo())
                        + " was compared, and the same command goes on behind it";
    }

    void over() {
        verifications.over(kept);
    }
}
