package dev.neap.postgres.signals;

import dev.neap.backfill.OwnSignal;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** A query of the user's own. */
final class SqlSignal implements Signal {
    private final SignalSession session;
    private final String sql;
    private final Limits limits;

    SqlSignal(SignalSession session, OwnSignal own, String sql) {
        this.session = session;
        this.sql = sql;
        this.limits = new Limits(own.name(), Limits.Unit.COUNT, own.warning(), own.limit(), own.every(), Duration.ZERO);
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Reading read() {
        return session.read(this::look);
    }

    private Reading look(Connection connection) throws SQLException {
        List<String> values = Query.of(connection, sql).texts();
        if (values.size() != 1 || values.get(0) == null) {
            return Reading.none(
                    "its query yields " + (values.size() == 1 ? "null" : values.size() + " rows") + ", not one number");
        }
        try {
            return Reading.of(Double.parseDouble(values.get(0)), "");
        } catch (NumberFormatException e) {
            return Reading.none("its query yields '" + values.get(0) + "', which is no number");
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
