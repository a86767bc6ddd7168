package dev.neap.postgres.fill;

import dev.neap.dialect.TableFill.Looked;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/** A part of the last look where a transform in Java says what rows become: it is asked between two transactions. */
final class LookInJava {
    /** A row that changes each time that it is read and transformed counts as missed: another look follows. */
    private static final int MOST_ROUNDS = 5;

    private final FillSession session;
    private final Look look;
    private final Making making;
    private final Holding holding;

    /** Begins a transaction that writes. */
    interface Holding {
        void hold(Statement s) throws SQLException;
    }

    LookInJava(FillSession session, Look look, Making making, Holding holding) {
        this.session = session;
        this.look = look;
        this.making = making;
        this.holding = holding;
    }

    private record Asked(Look.Part part, Making.Reading rows) {}

    /** Looks at the next part. */
    Looked look(int rows) {
        for (int round = 1; ; round++) {
            Asked asked = session.in("read committed", s -> {
                holding.hold(s);
                Look.Part part = look.next(s, rows);
                return new Asked(
                        part, look.asks(part) ? look.read(s, making, part) : new Making.Reading(List.of(), false));
            });
            Made made = making.transform(asked.rows());
            if (!made.bad().isEmpty()) {
                return new Looked(0, false, made.bad());
            }
            boolean last = round == MOST_ROUNDS;
            Optional<Looked> looked = session.in("read committed", s -> {
                holding.hold(s);
                making.stage(made);
                return look.lookAtMade(s, asked.part(), making.sql(), last);
            });
            if (looked.isPresent()) {
                return looked.get();
            }
        }
    }
}
