package dev.neap.testkit.fill;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where the fill has come to, so that the application can write there: the races need both at the same rows within
 * milliseconds. It only watches, and what it tells may be late.
 */
final class Frontier {
    private static final int REACH = 80;
    private static final long EVERY_MILLIS = 15;

    private final Map<List<String>, Integer> places = new HashMap<>();
    private final List<Key> inOrder;
    private volatile int now = -1;

    /** @param inOrder the keys that are there at first, as the server sorts them */
    Frontier(List<Key> inOrder) {
        this.inOrder = List.copyOf(inOrder);
        for (int i = 0; i < inOrder.size(); i++) {
            places.put(inOrder.get(i).parts(), i);
        }
    }

    /** A key that the fill comes to soon, or has just passed; null while that is not known. */
    @Nullable
    Key near(SplittableRandom random) {
        int from = now;
        if (from < 0) {
            return null;
        }
        int place = from - REACH / 8 + random.nextInt(REACH);
        return place >= 0 && place < inOrder.size() ? inOrder.get(place) : null;
    }

    void watch(DualWriting application) {
        try (Session session = application.connect()) {
            while (!application.stopping()) {
                for (List<String> key : session.rows(application.places().frontierSql())) {
                    now = places.getOrDefault(key, now);
                }
                TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
            }
        } catch (SQLException e) {
            application.tally().finding("the frontier cannot be seen: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
