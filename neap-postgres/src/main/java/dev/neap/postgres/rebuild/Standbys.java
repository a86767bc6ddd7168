package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.rebuild.Bystanders.Old;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The hot standbys that the backfill file names. A swap is replayed there too: it waits for their readers (and all other
 * readers wait behind it), and a transaction there whose snapshot is older than the shadow would find the partition
 * empty. So their readers are waited for like those of the primary. One that does not answer is a reason to wait.
 */
public final class Standbys implements AutoCloseable {
    /** Opens a session on one standby. */
    public record Address(String printable, PostgresRebuild.Opener opener) {}

    private final List<Address> addresses;
    private final List<Optional<Connection>> sessions = new ArrayList<>();

    public Standbys(List<Address> addresses) {
        this.addresses = List.copyOf(addresses);
        addresses.forEach(address -> sessions.add(Optional.empty()));
    }

    boolean none() {
        return addresses.isEmpty();
    }

    /** Work on one standby's session; what goes wrong there is said with its name. */
    private interface Look {
        List<Seen> at(Connection standby, String name) throws SQLException;
    }

    /** A reason to wait, at one standby. */
    record Seen(String standby, Optional<Old> reader, String words) {
        boolean same(Seen other) {
            if (reader.isEmpty() || other.reader.isEmpty()) {
                return standby.equals(other.standby) && reader.isEmpty() && other.reader.isEmpty();
            }
            return standby.equals(other.standby) && reader.get().same(other.reader.get());
        }
    }

    /** Long readers of the tables, and long transactions with an old snapshot. */
    List<Seen> inTheWay(List<Long> tables, String lastWrite, long atLeastMs) {
        return each((standby, name) -> {
            List<Seen> seen = old(standby, name, lastWrite, atLeastMs);
            for (String who : new Bystanders(standby).holders(tables, atLeastMs, -1)) {
                seen.add(new Seen(name, Optional.empty(), "standby " + name + ": " + who));
            }
            return seen;
        });
    }

    /** Whoever at this moment cannot see all that was written up to this place in the log. */
    List<Seen> behind(String lastWrite, String log) {
        return each((standby, name) -> {
            List<Seen> seen = old(standby, name, lastWrite, 0);
            boolean replayed = Query.of(
                            standby,
                            "SELECT NOT pg_is_in_recovery() OR coalesce(pg_last_wal_replay_lsn() >= ?::pg_lsn, false)",
                            log)
                    .truth();
            if (!replayed) {
                seen.add(new Seen(name, Optional.empty(), "standby " + name + " has not replayed the shadow yet"));
            }
            return seen;
        });
    }

    private static List<Seen> old(Connection standby, String name, String lastWrite, long atLeastMs)
            throws SQLException {
        List<Seen> seen = new ArrayList<>();
        for (Old reader : new Bystanders(standby).olderThan(lastWrite, atLeastMs, -1, "")) {
            seen.add(new Seen(name, Optional.of(reader), "standby " + name + ": " + reader.words()));
        }
        return seen;
    }

    private List<Seen> each(Look look) {
        List<Seen> all = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            String name = addresses.get(i).printable();
            try {
                all.addAll(look.at(session(i), name));
            } catch (SQLException e) {
                all.add(new Seen(
                        name,
                        Optional.empty(),
                        "standby " + name + " does not answer: "
                                + SqlFailures.explain(e).getMessage()));
                forget(i);
            }
        }
        return all;
    }

    private Connection session(int i) throws SQLException {
        Optional<Connection> known = sessions.get(i);
        if (known.isPresent()) {
            return known.get();
        }
        Connection opened = addresses.get(i).opener().open();
        sessions.set(i, Optional.of(opened));
        return opened;
    }

    private void forget(int i) {
        sessions.get(i).ifPresent(PostgresRebuild::closeQuietly);
        sessions.set(i, Optional.empty());
    }

    @Override
    public void close() {
        for (int i = 0; i < addresses.size(); i++) {
            forget(i);
        }
    }
}
