package dev.neap.cli.rehearse;

import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A table to rehearse on: an enum, a domain, a foreign key, an identity, a DEFAULT partition, a generated column. */
final class RehearsedTable {
    static final String SECRET = "hunter2-sesame";

    private RehearsedTable() {}

    static String make(PostgresServer server, String database) {
        server.createDatabase(database);
        server.execute(
                database,
                "CREATE TYPE mood AS ENUM ('calm', 'stormy')",
                "CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0)",
                "CREATE FUNCTION in_cents(euros numeric) RETURNS bigint IMMUTABLE LANGUAGE sql"
                        + " AS $$ SELECT (euros * 100)::bigint $$",
                "CREATE TABLE country (code char(2) PRIMARY KEY, name text)",
                "CREATE TABLE customer (id int PRIMARY KEY, code char(2) NOT NULL REFERENCES country, email text NOT NULL)",
                "CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, day date NOT NULL,"
                        + " customer int REFERENCES customer, feeling mood DEFAULT 'calm', euros numeric(10,2) NOT NULL,"
                        + " paid cents, note text, phone text NOT NULL, twice bigint GENERATED ALWAYS AS (id * 2) STORED,"
                        + " PRIMARY KEY (id, day), CONSTRAINT dear CHECK (euros < 100000)) PARTITION BY RANGE (day)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
                "CREATE TABLE events_other PARTITION OF events DEFAULT",
                "CREATE INDEX ON events (customer)",
                "INSERT INTO country SELECT 'C' || i, 'Country ' || i FROM generate_series(0, 9) AS i",
                "INSERT INTO customer SELECT i, 'C' || i % 10, '" + SECRET + "' || i FROM generate_series(1, 300) AS i",
                "INSERT INTO events (day, customer, euros, note, phone) SELECT date '2024-01-01' + i % 75, 1 + i % 200,"
                        + " i / 7.0, 'note ' || i, '" + SECRET + "' FROM generate_series(1, 3000) AS i",
                "ANALYZE");
        return database;
    }

    static Path file(Path folder, PostgresServer server, String database, String set) {
        try {
            return Files.writeString(folder.resolve(database + ".yaml"), """
                    backfill: fix-paid
                    profile: prod
                    connection: postgresql://postgres@localhost:%d/%s
                    rebuild:
                      table: public.events
                      set:
                    %s
                      application_writes: new
                    """.formatted(
                            server.port(), database, set.indent(4).stripTrailing()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
