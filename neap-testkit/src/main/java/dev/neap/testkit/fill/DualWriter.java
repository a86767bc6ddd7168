package dev.neap.testkit.fill;

import dev.neap.testkit.fill.Move.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * One connection of the application. A move's two places are written in one transaction, together with other moves, or
 * in two, one after the other. It gives up nothing that it has begun. A serialization failure is tried again, as it must
 * be; whatever else the server refuses is a finding.
 */
final class DualWriter implements Runnable {
    private static final String SERIALIZATION_FAILURE = "40001";
    private static final int TRIES = 50;

    private final DualWriting application;
    private final Places places;
    private final FillModel model;
    private final FillTally tally;
    private final SplittableRandom random;
    private final Moves moves;
    private final int number;

    DualWriter(DualWriting application, int number, SplittableRandom random) {
        this.application = application;
        this.places = application.places();
        this.model = application.model();
        this.tally = application.tally();
        this.random = random;
        this.number = number;
        this.moves = new Moves(application, number, random);
    }

    /** What one transaction does. */
    private interface Work {
        int on(Session session) throws SQLException;
    }

    @Override
    public void run() {
        try (Session session = application.connect()) {
            while (!application.stopping()) {
                application.busy().lock();
                try {
                    if (random.nextInt(100) < 60) {
                        apart(session);
                    } else {
                        together(session);
                    }
                } finally {
                    application.busy().unlock();
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(9_000));
            }
        } catch (SQLException | RuntimeException | Error e) {
            tally.finding("a writer was refused: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The two places of a move in two transactions. */
    private void apart(Session session) throws SQLException, InterruptedException {
        Move move = moves.next();
        if (move == null) {
            return;
        }
        boolean counts = move.kind() != Kind.FILM && move.kind() != Kind.ADD;
        int signed = counts ? signed(session, move) : 0;
        boolean stands = mustHit(move);
        int first = transaction(session, false, on -> one(on, move, move.sourceFirst(), false));
        long committed = System.nanoTime();
        // A race needs the fill to come between: where the row is still to be filled there is more time for that.
        boolean awaited = move.kind() == Kind.INSERT || (meant(move) && signed == 0 && first == 0 && !stands);
        if (awaited || random.nextInt(3) > 0) {
            long most = FillHistory.LONGEST_DELAY.toMillis();
            TimeUnit.MILLISECONDS.sleep(random.nextLong(awaited ? most : most / 6));
        }
        int between = counts && move.sourceFirst() ? signed(session, move) : 0;
        int second = second(session, move, committed);
        if (counts && !move.sourceFirst()) {
            between = signed(session, move);
        }
        if (signed == 0 && between > 0) {
            tally.saw("filled between: " + move.kind() + " " + move.order());
        }
        done(move, move.sourceFirst() ? second : first, stands, "apart");
        tally.committed();
    }

    /** The other place. A fill need not leave a new key alone for ever: past its grace a plain insert may be too late. */
    private int second(Session session, Move move, long committed) throws SQLException {
        try {
            return transaction(session, false, on -> one(on, move, !move.sourceFirst(), true));
        } catch (SQLException e) {
            if (!places.words.duplicate(e)) {
                throw e;
            }
            long late = (System.nanoTime() - committed) / 1_000_000;
            if (late < FillHistory.LEAST_GRACE.toMillis()) {
                tally.finding("refused: the application's second write, " + late + " ms after its first, " + move + ": "
                        + e.getMessage() + " | " + model.journal(move.any().key()));
            } else {
                tally.saw("too late");
            }
            return 0;
        }
    }

    /** Some moves with both their places in one transaction, which may be rolled back. */
    private void together(Session session) throws SQLException, InterruptedException {
        List<Move> some = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            Move move = moves.next();
            if (move != null && some.stream().noneMatch(other -> touchesSame(move, other))) {
                some.add(move);
            } else if (move != null && move.kind() == Kind.REINSERT) {
                moves.done(new Move(Kind.DELETE, move.after(), null, true), 0);
            }
        }
        boolean rollback = random.nextInt(12) == 0;
        List<Integer> hits = new ArrayList<>();
        List<Boolean> stand = some.stream().map(this::mustHit).toList();
        transaction(session, rollback, on -> {
            hits.clear();
            for (Move move : some) {
                int first = one(on, move, move.sourceFirst(), false);
                int second = one(on, move, !move.sourceFirst(), true);
                hits.add(move.sourceFirst() ? second : first);
            }
            return 0;
        });
        if (rollback) {
            tally.saw("rolled back");
            some.stream()
                    .filter(move -> move.kind() == Kind.REINSERT)
                    .forEach(move -> moves.done(new Move(Kind.DELETE, move.after(), null, true), 0));
            return;
        }
        for (int i = 0; i < some.size(); i++) {
            done(some.get(i), hits.get(i), stand.get(i), "together");
        }
        if (!some.isEmpty()) {
            tally.committed();
        }
    }

    private static boolean touchesSame(Move one, Move other) {
        return one.any().key().equals(other.any().key())
                || ((one.kind() == Kind.FILM || other.kind() == Kind.FILM)
                        && one.any().film() == other.any().film());
    }

    /** A statement or two on one of the places; how many rows of the target it wrote. */
    private int one(Session session, Move move, boolean source, boolean second) throws SQLException {
        if (!source && places.setup.trigger()) {
            return 0;
        }
        switch (move.kind()) {
            case OTHER_COLUMN -> {
                if (source) {
                    places.otherColumn(session, move.any().key(), random.nextInt(1_000));
                }
            }
            case REMARK -> {
                if (!source && places instanceof OtherTable table) {
                    return table.remark(session, move.any().key(), remark(move));
                }
            }
            case FILM -> {
                if (places instanceof FilmTables films) {
                    if (!source) {
                        return films.madeFrom(session, move.any().film(), length(move));
                    }
                    films.film(session, move.any().film(), length(move));
                }
            }
            default -> {
                if (!source) {
                    return places.target(session, move, second, Places.APPLICATION);
                }
                places.source(session, move);
            }
        }
        return 0;
    }

    private int length(Move move) {
        Integer was = model.films().get(move.any().film());
        return (was == null ? 0 : was) + 1;
    }

    private String remark(Move move) {
        Kept kept = model.get(move.any().key());
        String was = kept == null ? null : kept.remark();
        return was == null ? "1" : String.valueOf(Integer.parseInt(was) + 1);
    }

    /** The model hears of it. */
    private void done(Move move, int hits, boolean stands, String how) {
        Key key = move.any().key();
        if (stands && hits == 0) {
            tally.finding("lost: the target's row of " + key + " was not there to be written, " + move + " | "
                    + model.journal(key));
        }
        if (hits == 0 && meant(move)) {
            tally.saw("missed: " + move.kind() + " " + move.order() + " " + how);
        }
        tally.saw(move.kind() + " " + move.order() + " " + how);
        switch (move.kind()) {
            case OTHER_COLUMN -> model.note(key, "other column of the source");
            case REMARK -> {
                Kept kept = model.get(key);
                if (kept != null) {
                    model.put(kept.remarked(remark(move)));
                }
                model.note(key, "remark");
            }
            case FILM -> model.applyFilm(move.any().film(), length(move), how);
            default -> {
                model.apply(move, hits, "writer " + number + " " + how);
                moves.done(move, hits);
            }
        }
    }

    /** It would have written a row of the target, had there been one. */
    private boolean meant(Move move) {
        FillShape shape = places.setup.shape();
        Person before = move.before();
        return shape.otherTable()
                && shape != FillShape.TABLE_MANY
                && move.kind() != Kind.OTHER_COLUMN
                && before != null
                && !before.gone();
    }

    private boolean mustHit(Move move) {
        Person before = move.before();
        if (before == null
                || move.kind() == Kind.OTHER_COLUMN
                || before.gone()
                || places.setup.shape() == FillShape.TABLE_MANY) {
            return false;
        }
        return model.mustHit(before.key()) || !places.setup.shape().otherTable();
    }

    private int signed(Session session, Move move) throws SQLException {
        Person at = move.after() == null ? move.before() : move.after();
        int there = places.signedByFill(session, move.any().key());
        return at == null || at.key().equals(move.any().key()) ? there : there + places.signedByFill(session, at.key());
    }

    /** A transaction of its own, tried again for as long as it cannot be serialized. */
    private int transaction(Session session, boolean rollback, Work work) throws SQLException {
        SQLException last = null;
        for (int i = 0; i < TRIES; i++) {
            try {
                for (String begin : places.words.begin(random.nextInt(5) == 0 ? "REPEATABLE READ" : "READ COMMITTED")) {
                    session.execute(begin);
                }
                int hits = work.on(session);
                session.execute(rollback ? "ROLLBACK" : "COMMIT");
                return hits;
            } catch (SQLException e) {
                session.execute("ROLLBACK");
                tally.retried(String.valueOf(e.getSQLState()));
                if (places.words.duplicate(e)) {
                    throw e;
                }
                if (!SERIALIZATION_FAILURE.equals(e.getSQLState())) {
                    tally.finding("the application was refused: " + e.getSQLState() + " " + e.getMessage());
                }
                last = e;
            }
        }
        throw last == null ? new SQLException("no try") : last;
    }
}
