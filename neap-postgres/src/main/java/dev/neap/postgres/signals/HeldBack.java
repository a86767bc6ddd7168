package dev.neap.postgres.signals;

import dev.neap.throttle.Reading;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * For how long a standby that feeds back what its queries read (hot_standby_feedback), or a slot, has kept the same rows
 * from being removed, since it was first seen to: when its query began, only the standby knows. Not for use by several
 * threads.
 */
final class HeldBack {
    /**
     * One of them now.
     *
     * @param xmin the first transaction whose dead rows it keeps
     * @param age how many have begun since; 0 where it keeps nothing
     */
    record Holder(String who, String xmin, long age) {}

    private record Since(String xmin, long nanos) {}

    private Map<String, Since> before = Map.of();

    /** Seconds, of the one that has done so longest. */
    Reading longest(List<Holder> holders, long nowNanos) {
        Map<String, Since> now = new HashMap<>();
        Reading longest = Reading.of(0, "");
        for (Holder holder : holders) {
            Since known = before.get(holder.who());
            Since since = known != null && known.xmin().equals(holder.xmin()) && holder.age() > 0
                    ? known
                    : new Since(holder.xmin(), nowNanos);
            now.put(holder.who(), since);
            double seconds = (nowNanos - since.nanos()) / 1e9;
            if (seconds > longest.value()) {
                longest = Reading.of(seconds, holder.who());
            }
        }
        before = now;
        return longest;
    }
}
