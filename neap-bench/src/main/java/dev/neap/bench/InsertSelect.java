package dev.neap.bench;

import dev.neap.testkit.PostgresServer;
import java.util.ArrayList;
import java.util.List;

/** One INSERT … SELECT into an indexed, partitioned copy. */
final class InsertSelect implements Contender {
    private final EventTable table;

    InsertSelect(EventTable table) {
        this.table = table;
    }

    @Override
    public String name() {
        return "one INSERT … SELECT";
    }

    @Override
    public String key() {
        return "insert";
    }

    @Override
    public String result() {
        return "bench.copy";
    }

    @Override
    public Timing run(PostgresServer server, String database) {
        List<String> statements = new ArrayList<>();
        statements.add("CREATE TABLE bench.copy (LIKE bench.event INCLUDING ALL) PARTITION BY RANGE (day)");
        statements.add("ALTER TABLE bench.copy ADD FOREIGN KEY (user_id) REFERENCES bench.users");
        table.all()
                .forEach(each -> statements.add(
                        "CREATE TABLE bench.copy_%s PARTITION OF bench.copy FOR VALUES FROM ('%s') TO ('%s')"
                                .formatted(each.name(), each.lower(), each.upper())));
        statements.add("""
                INSERT INTO bench.copy
                SELECT id, day, user_id, amount, upper(kind), payload FROM bench.event""");
        long start = System.nanoTime();
        server.execute(database, statements.toArray(String[]::new));
        return Timing.since(start);
    }
}
