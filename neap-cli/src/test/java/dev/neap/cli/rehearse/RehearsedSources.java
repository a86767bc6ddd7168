package dev.neap.cli.rehearse;

import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A table whose rows come from two others: one larger than what is copied, with rows that the table lacks, and one small.
 * The table references customers whom only those rows name; its SQL needs a function and a type that no table needs.
 */
final class RehearsedSources {
    private RehearsedSources() {}

    static String make(PostgresServer server, String database) {
        server.createDatabase(database);
        server.execute(
                database,
                "CREATE TYPE kind AS ENUM ('sale', 'test')",
                "CREATE FUNCTION in_euros(amount numeric, rate numeric) RETURNS numeric IMMUTABLE LANGUAGE sql"
                        + " AS $$ SELECT round(amount * rate, 2) $$",
                "CREATE TABLE customer (id int PRIMARY KEY, email text)",
                "CREATE TABLE raw_events (id bigint, day date, customer int, amount numeric NOT NULL, currency text NOT NULL,"
                        + " kind text NOT NULL, PRIMARY KEY (id, day))",
                "CREATE TABLE fx (currency text, month date, rate numeric NOT NULL, PRIMARY KEY (currency, month))",
                "CREATE TABLE events (id bigint, day date NOT NULL, customer int NOT NULL REFERENCES customer,"
                        + " revenue numeric(12,2) NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
                "CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')",
                "INSERT INTO customer SELECT i, 'mail ' || i FROM generate_series(1, 5000) AS i",
                "INSERT INTO fx SELECT c, m, 1.1 + i FROM unnest(ARRAY['EUR', 'USD', 'SEK']) WITH ORDINALITY AS c(c, i),"
                        + " generate_series(date '2024-01-01', '2024-03-01', '1 month') AS m",
                "INSERT INTO raw_events SELECT i, date '2024-01-01' + i % 90, 1 + i % 4000, i,"
                        + " (ARRAY['EUR', 'USD', 'SEK'])[1 + i % 3], CASE WHEN i % 10 = 0 THEN 'test' ELSE 'sale' END"
                        + " FROM generate_series(1, 9000) AS i",
                "INSERT INTO events SELECT id, day, 1 + customer % 7, 1 FROM raw_events WHERE id % 20 <> 1",
                "INSERT INTO events SELECT 90000 + i, date '2024-01-01' + i % 90, 1, 5 FROM generate_series(1, 300) AS i",
                "ANALYZE");
        return database;
    }

    static Path file(Path folder, PostgresServer server, String database, String missing) {
        try {
            return Files.writeString(
                    folder.resolve(database + ".yaml"), """
                    backfill: fix-revenue
                    profile: prod
                    connection: postgresql://postgres@localhost:%d/%s
                    rebuild:
                      table: public.events
                      recompute: |
                        SELECT r.id, r.day, r.customer, in_euros(r.amount, fx.rate) AS revenue
                        FROM raw_events r JOIN fx ON fx.currency = r.currency AND fx.month = date_trunc('month', r.day)
                        WHERE r.day >= :lower AND r.day < :upper AND r.kind::kind = 'sale'
                      reads: [raw_events, fx]
                      missing_in_source: %s
                      application_writes: new
                    """.formatted(server.port(), database, missing));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts the recompute of now in the place of one of the three partitions, in one transaction. */
    static void swap(PostgresServer server, String database, int month) {
        String partition = "events_" + month;
        String from = "2024-0" + month + "-01";
        String to = "2024-0" + (month + 1) + "-01";
        server.execute(
                database,
                "DO $$ BEGIN ALTER TABLE events DETACH PARTITION " + partition + "; DROP TABLE " + partition + ";"
                        + " CREATE TABLE " + partition + " PARTITION OF events FOR VALUES FROM ('" + from + "') TO ('"
                        + to + "'); INSERT INTO events SELECT r.id, r.day, r.customer, in_euros(r.amount, fx.rate)"
                        + " FROM raw_events r JOIN fx ON fx.currency = r.currency AND fx.month = date_trunc('month', r.day)"
                        + " WHERE r.day >= '" + from + "' AND r.day < '" + to + "' AND r.kind = 'sale'; END $$");
    }
}
