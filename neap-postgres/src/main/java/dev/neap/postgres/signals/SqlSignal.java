package dev.neap.postgres.signals;

import dev.neap.backfill.OwnSignal;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

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
        return Reading.ofQuery(Query.of(connection, sql).texts());
    }

    @Override
    public void close() {
        session.close();
    }
}
