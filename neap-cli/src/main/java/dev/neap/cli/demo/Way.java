package dev.neap.cli.demo;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** A way to bring the whole table into the new form. */
interface Way {
    /** In a word or two. */
    String name();

    /** In a line. */
    String how();

    /** Does it, while the application works on the same database. */
    Outcome rebuild(String database, Application application) throws SQLException;

    /**
     * How it went.
     *
     * @param remarks what a reader of the figures should know
     */
    record Outcome(Duration took, List<String> remarks) {
        public Outcome {
            remarks = List.copyOf(remarks);
        }
    }
}
