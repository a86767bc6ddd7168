package dev.neap.bench.invisible;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** What is done to the table while the application works. It has been begun when it is there; closing it ends it. */
interface Work extends AutoCloseable {
    /**
     * What a run said of its speed.
     *
     * @param speeds each change, in words
     * @param highest of each signal that was read, its highest value
     */
    record Said(List<String> speeds, Map<String, Double> highest) {
        static final Said NOTHING = new Said(List.of(), Map.of());

        public Said {
            speeds = List.copyOf(speeds);
            highest = Map.copyOf(highest);
        }
    }

    /** Begins one. */
    interface Beginner {
        /** Returns when rows are being written. */
        Work on(String database) throws SQLException, InterruptedException;
    }

    /** Nothing: what two measurements differ by in any case. */
    Work NOTHING = new Work() {
        @Override
        public long rows() {
            return 0;
        }

        @Override
        public boolean ended() {
            return false;
        }

        @Override
        public boolean inTurns() {
            return true;
        }

        @Override
        public void pause() {}

        @Override
        public void goOn() {}

        @Override
        public Said said() {
            return Said.NOTHING;
        }

        @Override
        public void close() {}
    };

    /** How many rows are committed so far. */
    long rows();

    /** Whether there is nothing left to write. */
    boolean ended();

    /** Whether it can be paused: then it is measured in turns with nothing. */
    boolean inTurns();

    /** Soon it touches no row, until it is to go on. */
    void pause();

    /** It goes on. */
    void goOn();

    /** What it said of itself so far. */
    Said said();

    /** Returns when it touches no row any more. */
    @Override
    void close() throws SQLException;
}
