package dev.neap.bench;

import dev.neap.testkit.PostgresServer;
import java.util.ArrayList;
import java.util.List;

/** LIKE INCLUDING ALL, INSERT … SELECT, DETACH, ATTACH for each partition, as it is often copied. */
final class UsualRecipe implements Contender {
    private final EventTable table;

    UsualRecipe(EventTable table) {
        this.table = table;
    }

    @Override
    public String name() {
        return "the usual recipe";
    }

    @Override
    public String key() {
        return "recipe";
    }

    @Override
    public Timing run(PostgresServer server, String database) {
        List<String> statements = new ArrayList<>();
        table.all()
                .forEach(each -> statements.addAll(List.of(
                        "CREATE TABLE bench.%1$s_new (LIKE bench.%1$s INCLUDING ALL)".formatted(each.name()),
                        """
                INSERT INTO bench.%1$s_new
                SELECT id, day, user_id, amount, upper(kind), payload FROM bench.%1$s""".formatted(each.name()),
                        "ALTER TABLE bench.event DETACH PARTITION bench." + each.name(),
                        "ALTER TABLE bench.event ATTACH PARTITION bench.%s_new FOR VALUES FROM ('%s') TO ('%s')"
                                .formatted(each.name(), each.lower(), each.upper()))));
        long start = System.nanoTime();
        server.execute(database, statements.toArray(String[]::new));
        return Timing.since(start);
    }
}
