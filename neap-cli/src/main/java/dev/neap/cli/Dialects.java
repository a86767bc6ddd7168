package dev.neap.cli;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.dialect.Dialect;
import dev.neap.mysql.MysqlDialect;
import dev.neap.postgres.PostgresDialect;
import java.util.List;

/** The engines that this command knows. */
final class Dialects {
    private static final List<Dialect> KNOWN = List.of(new PostgresDialect(), new MysqlDialect());

    private Dialects() {}

    /** The dialect of a server that a URL has named. */
    static Dialect of(ConnectionTarget target) {
        return KNOWN.stream()
                .filter(dialect -> dialect.engine().equals(target.engine()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no dialect is called " + target.engine()));
    }
}
