package dev.neap.postgres.signals;

import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The replicas that the file names: each is asked itself. */
final class NamedReplicas implements Replica.Source {
    private static final String SQL = """
            SELECT CASE WHEN pg_is_in_recovery() THEN coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), -1)
                   ELSE -1 END::bigint
            """;

    /** One of them, and its session. */
    private record Named(String name, SignalSession session) {}

    private final List<Named> named = new ArrayList<>();

    void add(String name, SignalSession session) {
        named.add(new Named(name, session));
    }

    @Override
    public List<Replica> look(Connection primary) {
        List<Replica> replicas = new ArrayList<>();
        for (Named one : named) {
            replicas.add(look(one));
        }
        return replicas;
    }

    private static Replica look(Named one) {
        try {
            long replayed = Query.of(one.session().connection(), SQL).number();
            return replayed < 0
                    ? Replica.unknown(one.name(), "it replays nothing: it is no standby, or no longer")
                    : Replica.at(one.name(), replayed);
        } catch (SQLException e) {
            one.session().close();
            return Replica.unknown(
                    one.name(), String.valueOf(SqlFailures.explain(e).getMessage()));
        }
    }

    @Override
    public void close() {
        named.forEach(one -> one.session().close());
    }
}
