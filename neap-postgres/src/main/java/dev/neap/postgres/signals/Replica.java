package dev.neap.postgres.signals;

import java.util.List;
import java.util.OptionalLong;

/**
 * A replica at one look.
 *
 * @param name for people; no two are alike
 * @param replayed up to where it has replayed the log; empty where nobody says
 * @param why why it is not known; empty where it is
 */
record Replica(String name, OptionalLong replayed, String why) {
    static Replica at(String name, long replayed) {
        return new Replica(name, OptionalLong.of(replayed), "");
    }

    static Replica unknown(String name, String why) {
        return new Replica(name, OptionalLong.empty(), why);
    }

    /** Where the replicas of a server are found. */
    interface Source extends AutoCloseable {
        /** Each of them, once; looks at the primary where it must, on its session. */
        List<Replica> look(java.sql.Connection primary) throws java.sql.SQLException;

        @Override
        void close();
    }
}
