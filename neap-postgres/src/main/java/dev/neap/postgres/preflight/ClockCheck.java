package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Leases go by the server's clock; the log and what is compared with it go by this machine's. */
final class ClockCheck implements ServerCheck {
    private static final Duration MOST = Duration.ofSeconds(5);

    private final Clock clock;

    ClockCheck(Clock clock) {
        this.clock = clock;
    }

    @Override
    public String name() {
        return "clock";
    }

    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        Instant asked = clock.instant();
        long micros = Query.of(connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
                .number();
        return verdict(asked, Instant.EPOCH.plus(micros, ChronoUnit.MICROS), clock.instant());
    }

    /** The server read its clock at some moment between the other two. */
    List<Finding> verdict(Instant asked, Instant server, Instant answered) {
        boolean ahead = server.isAfter(answered.plus(MOST));
        if (!ahead && !server.isBefore(asked.minus(MOST))) {
            return List.of();
        }
        Duration difference = ahead ? Duration.between(answered, server) : Duration.between(server, asked);
        return List.of(Finding.warning(
                name(),
                "the server's clock is " + difference.toSeconds() + " s " + (ahead ? "ahead of" : "behind")
                        + " this machine's",
                "times in Neap's log do not fit those in the control tables and in the server's log; leases go by the"
                        + " server's clock alone and are not touched",
                "let both follow the same time servers (NTP)"));
    }
}
