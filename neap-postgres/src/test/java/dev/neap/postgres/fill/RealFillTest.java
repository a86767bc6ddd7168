package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.neap.backfill.Backfill;
import dev.neap.rebuild.Point;
import dev.neap.run.RunResult;
import dev.neap.testkit.Flights;
import dev.neap.testkit.Jars;
import dev.neap.testkit.Pagila;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fills of tables that nobody here made, beside an application that writes, each ended once in the middle by an error. The
 * data is not part of this repository: where it is not there, these tests say so and are not run.
 */
class RealFillTest {
    private static FillDatabase pagila() throws Exception {
        assumeTrue(Pagila.folder().isPresent(), "Pagila is not beside this repository");
        FillDatabase db = FillDatabase.create(Duration.ofSeconds(1));
        try (Connection c = db.connect()) {
            Pagila.load(c, Pagila.folder().get());
        }
        return db;
    }

    /** Runs it into its third batch, and then again to its end. */
    private static void endedOnce(FillDatabase db, String fill) {
        Backfill backfill = db.backfill(fill);
        AtomicInteger batches = new AtomicInteger();
        assertThatThrownBy(() -> db.run(backfill, 1, at -> {
                    if (at == Point.AFTER_FILL_BATCH && batches.incrementAndGet() == 3) {
                        throw new IllegalStateException("ended here");
                    }
                }))
                .hasMessageContaining("ended here");

        assertThat(db.run(backfill, 2).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    @Test
    void pagilas_rentals_get_a_column_from_film_through_inventory() throws Exception {
        String late = "return_date - rental_date > interval '1 day' * (SELECT f.rental_duration FROM film f"
                + " JOIN inventory i USING (film_id) WHERE i.inventory_id = rental.inventory_id)";
        try (FillDatabase db = pagila()) {
            db.execute("ALTER TABLE rental ADD COLUMN returned_late boolean");
            try (Beside application = new Beside(db, (c, random) -> rent(c, random, late))) {
                endedOnce(db, """
                        batch_rows: 1000
                        fill:
                          into: rental
                          set: { returned_late: "%s" }
                          reads: [film, inventory]
                        """.formatted(late));
                assertThat(application.end()).isGreaterThan(10);
            }

            assertThat(db.number("SELECT count(*) FROM rental r JOIN inventory i USING (inventory_id) JOIN film f USING"
                            + " (film_id) WHERE r.returned_late IS DISTINCT FROM"
                            + " (r.return_date > r.rental_date + make_interval(days => f.rental_duration))"))
                    .isZero();
            assertThat(db.number("SELECT count(*) FROM rental WHERE returned_late"))
                    .isPositive();
            assertThat(db.number("SELECT count(*) FROM rental WHERE returned_late IS NULL"))
                    .as("not yet returned")
                    .isPositive();
        }
    }

    /** An application that writes the new column too: a rental begins and ends, a film may be kept for longer. */
    private static void rent(Connection c, SplittableRandom random, String late) throws SQLException {
        switch (random.nextInt(3)) {
            case 0 ->
                Beside.execute(
                        c,
                        "INSERT INTO rental (rental_date, inventory_id, customer_id, staff_id)"
                                + " VALUES (now() - interval '5 days', ?, ?, 1)",
                        1 + random.nextInt(4_000),
                        1 + random.nextInt(599));
            case 1 ->
                Beside.together(
                        c,
                        () -> Beside.execute(
                                c,
                                "UPDATE rental SET return_date = now() WHERE rental_id = (SELECT max(rental_id)"
                                        + " FROM rental WHERE return_date IS NULL)"),
                        () -> Beside.execute(
                                c, "UPDATE rental SET returned_late = " + late + " WHERE return_date = now()"));
            default -> {
                int film = 1 + random.nextInt(1_000);
                Beside.together(
                        c,
                        () -> Beside.execute(
                                c, "UPDATE film SET rental_duration = 1 + rental_duration % 9 WHERE film_id = ?", film),
                        () -> Beside.execute(
                                c,
                                "UPDATE rental SET returned_late = " + late + " WHERE inventory_id IN"
                                        + " (SELECT inventory_id FROM inventory WHERE film_id = ?)",
                                film));
            }
        }
    }

    @Test
    void pagilas_partitioned_payments_are_copied_into_one_table() throws Exception {
        try (FillDatabase db = pagila()) {
            db.execute(
                    "CREATE SEQUENCE paid_ids",
                    "CREATE TABLE paid (payment_id int DEFAULT nextval('paid_ids'), payment_date timestamptz,"
                            + " customer_id int NOT NULL REFERENCES customer, rental_id int REFERENCES rental,"
                            + " cents int NOT NULL, PRIMARY KEY (payment_id, payment_date))",
                    // Larger than any that the application puts in after the sequence was moved.
                    "INSERT INTO payment VALUES (2000000000, 1, 1, 1, 5, timestamptz '2022-03-03 12:00Z')");
            try (Beside application = new Beside(db, RealFillTest::pay)) {
                endedOnce(db, """
                        batch_rows: 1000
                        fill:
                          from: payment
                          into: paid
                          set:
                            payment_id: payment_id
                            payment_date: payment_date
                            customer_id: customer_id
                            rental_id: rental_id
                            cents: amount * 100
                        """);
                assertThat(application.end()).isGreaterThan(10);
            }

            assertThat(db.number(
                            "SELECT count(*) FROM payment p FULL JOIN paid q USING (payment_id, payment_date) WHERE"
                                    + " (p.customer_id, p.rental_id, p.amount) IS DISTINCT FROM"
                                    + " (q.customer_id, q.rental_id, q.cents / 100.0)"))
                    .isZero();
            assertThat(db.number("SELECT count(*) FROM paid")).isGreaterThan(10_000);
            assertThat(db.text("SELECT nextval('paid_ids') > 2000000000"))
                    .as("the default of the copied ids goes on behind them, though no column owns its sequence")
                    .isEqualTo("t");
        }
    }

    /** An application that writes both tables, in either order, together or one after the other. */
    private static void pay(Connection c, SplittableRandom random) throws SQLException {
        int id = 16_050 + random.nextInt(16_049);
        Beside.Part source;
        Beside.Part target;
        switch (random.nextInt(3)) {
            case 0 -> {
                source = () -> Beside.execute(c, "UPDATE payment SET amount = amount + 1 WHERE payment_id = ?", id);
                target = () -> Beside.execute(c, "UPDATE paid SET cents = cents + 100 WHERE payment_id = ?", id);
            }
            case 1 -> {
                source = () -> Beside.execute(c, "DELETE FROM payment WHERE payment_id = ?", id);
                target = () -> Beside.execute(c, "DELETE FROM paid WHERE payment_id = ?", id);
            }
            default -> {
                int fresh = 100_000 + random.nextInt(1_000_000_000);
                source = () -> Beside.execute(
                        c, "INSERT INTO payment VALUES (?, 1, 1, 1, 5, timestamptz '2022-03-03 12:00Z')", fresh);
                target = () -> Beside.execute(
                        c,
                        "INSERT INTO paid VALUES (?, timestamptz '2022-03-03 12:00Z', 1, 1, 500)"
                                + " ON CONFLICT (payment_id, payment_date) DO UPDATE SET cents = 500",
                        fresh);
            }
        }
        Beside.Part first = random.nextBoolean() ? source : target;
        Beside.Part second = first == source ? target : source;
        if (random.nextBoolean()) {
            Beside.together(c, first, second);
        } else {
            first.run();
            second.run();
        }
    }

    @Test
    void pagilas_customers_are_split_in_two_tables_of_which_one_references_the_other() throws Exception {
        try (FillDatabase db = pagila()) {
            db.execute(
                    "CREATE TABLE person (id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL,"
                            + " email text)",
                    "CREATE TABLE membership (person_id int PRIMARY KEY REFERENCES person ON DELETE CASCADE,"
                            + " store_id int NOT NULL REFERENCES store, since date NOT NULL, active boolean NOT NULL)");
            try (Beside application = new Beside(db, RealFillTest::enrol)) {
                endedOnce(db, """
                        batch_rows: 100
                        fill:
                          - from: customer
                            into: membership
                            set: { person_id: customer_id, store_id: store_id, since: create_date, active: activebool }
                          - from: customer
                            into: person
                            set: { id: customer_id, first_name: first_name, last_name: last_name, email: lower(email) }
                        """);
                assertThat(application.end()).isGreaterThan(10);
            }

            assertThat(db.number("SELECT count(*) FROM customer c FULL JOIN person p ON p.id = c.customer_id FULL JOIN"
                            + " membership m ON m.person_id = c.customer_id WHERE (c.first_name, c.last_name,"
                            + " lower(c.email), c.store_id, c.create_date, c.activebool) IS DISTINCT FROM"
                            + " (p.first_name, p.last_name, p.email, m.store_id, m.since, m.active)"))
                    .isZero();
            assertThat(db.number("SELECT count(*) FROM person")).isGreaterThan(590);
            assertThat(db.text("SELECT string_agg(key::text || cause, ' ') FROM neap.quarantine"))
                    .isEqualTo("null");
        }
    }

    /** An application that writes all three, the new ones before the old one or after it. */
    private static void enrol(Connection c, SplittableRandom random) throws SQLException {
        int id = 1_000 + random.nextInt(100);
        int old = 1 + random.nextInt(599);
        Beside.Part source;
        Beside.Part target;
        switch (random.nextInt(3)) {
            case 0 -> {
                source = () -> Beside.execute(
                        c,
                        "INSERT INTO customer (customer_id, store_id, first_name, last_name, address_id, create_date)"
                                + " VALUES (?, 1, 'A', 'B', 5, '2024-01-01') ON CONFLICT DO NOTHING",
                        id);
                target = () -> Beside.together(
                        c,
                        () -> Beside.execute(c, "INSERT INTO person VALUES (?, 'A', 'B') ON CONFLICT DO NOTHING", id),
                        () -> Beside.execute(
                                c,
                                "INSERT INTO membership VALUES (?, 1, '2024-01-01', true) ON CONFLICT DO NOTHING",
                                id));
            }
            case 1 -> {
                source = () -> Beside.execute(c, "DELETE FROM customer WHERE customer_id = ?", id);
                target = () -> Beside.execute(c, "DELETE FROM person WHERE id = ?", id);
            }
            default -> {
                source = () -> Beside.execute(c, "UPDATE customer SET last_name = 'C' WHERE customer_id = ?", old);
                target = () -> Beside.execute(c, "UPDATE person SET last_name = 'C' WHERE id = ?", old);
            }
        }
        boolean first = random.nextBoolean();
        (first ? source : target).run();
        (first ? target : source).run();
    }

    @Test
    void flights_are_counted_for_each_airport_and_day() throws Exception {
        assumeTrue(Flights.file().isPresent(), "the flights are not beside this repository");
        try (FillDatabase db = FillDatabase.create()) {
            try (Connection c = db.connect()) {
                Flights.load(c, Flights.file().get(), "flight");
            }
            db.execute(
                    "CREATE INDEX ON flight (origin, scheduled_at)",
                    "CREATE INDEX ON flight (id)",
                    "CREATE TABLE airport_day (origin text, day date, flights int, PRIMARY KEY (origin, day))",
                    "CREATE TABLE airport (code text PRIMARY KEY)",
                    "INSERT INTO airport SELECT DISTINCT origin FROM flight",
                    "ANALYZE");
            try (Beside application = new Beside(db, RealFillTest::fly)) {
                endedOnce(db, """
                        batch_rows: 1000
                        fill:
                          - from: airport
                            into: airport_day
                            set:
                              origin: code
                              day: generate_series(date '2001-01-01', date '2001-06-30', interval '1 day')::date
                          - into: airport_day
                            set:
                              flights: >-
                                (SELECT count(*) FROM flight f WHERE f.origin = airport_day.origin
                                 AND f.scheduled_at >= airport_day.day AND f.scheduled_at < airport_day.day + 1)
                            reads: flight
                        """);
                assertThat(application.end()).isGreaterThan(10);
            }

            assertThat(db.number("SELECT count(*) FROM (SELECT origin, scheduled_at::date AS day, count(*) AS n FROM"
                            + " flight WHERE scheduled_at < '2001-07-01' GROUP BY 1, 2) AS counted FULL JOIN airport_day d"
                            + " USING (origin, day) WHERE coalesce(counted.n, 0) IS DISTINCT FROM d.flights"))
                    .isZero();
            assertThat(db.number("SELECT sum(flights) FROM airport_day")).isGreaterThan(290_000);
        }
    }

    /** Counts with each flight that comes or goes, in one transaction; what was never counted stays null. */
    private static void fly(Connection c, SplittableRandom random) throws SQLException {
        int id = 10 * (1 + random.nextInt(300_000));
        boolean comes = random.nextBoolean();
        String count = "UPDATE airport_day SET flights = flights " + (comes ? "+" : "-")
                + " 1 WHERE (origin, day) = (SELECT origin, scheduled_at::date FROM flight WHERE id = ? LIMIT 1)";
        if (comes) {
            Beside.together(
                    c,
                    () -> Beside.execute(c, count, id),
                    () -> Beside.execute(
                            c,
                            "INSERT INTO flight SELECT -id, scheduled_at, delay, distance, origin, destination FROM"
                                    + " flight WHERE id = ? LIMIT 1",
                            id));
        } else {
            Beside.together(
                    c,
                    () -> Beside.execute(c, count, id),
                    () -> Beside.execute(
                            c, "DELETE FROM flight WHERE ctid = (SELECT ctid FROM flight WHERE id = ? LIMIT 1)", id));
        }
    }

    @Test
    void flights_get_a_delay_band_by_a_transform_in_java(@TempDir Path folder) throws Exception {
        assumeTrue(Flights.file().isPresent(), "the flights are not beside this repository");
        Jars.write(folder.resolve("band.jar"), Transforms.class, Transforms.Band.class);
        String band = "CASE WHEN delay <= 0 THEN 'on time' WHEN delay < 15 THEN 'short' WHEN delay < 60 THEN 'long'"
                + " ELSE 'very long' END";
        try (FillDatabase db = FillDatabase.create()) {
            try (Connection c = db.connect()) {
                Flights.load(c, Flights.file().get(), "flight");
            }
            db.execute("ALTER TABLE flight ADD PRIMARY KEY (id), ADD COLUMN delay_band text", "ANALYZE");
            try (Beside application = new Beside(db, (c, random) -> delay(c, random, band))) {
                endedOnce(db, """
                        batch_rows: 1000
                        fill:
                          into: flight
                          transform: { class: %s, jar: %s }
                        """.formatted(Transforms.Band.class.getName(), folder.resolve("band.jar")));
                assertThat(application.end()).isGreaterThan(10);
            }

            assertThat(db.number("SELECT count(*) FROM flight WHERE delay_band IS DISTINCT FROM " + band))
                    .isZero();
            assertThat(db.number("SELECT count(*) FROM flight")).isGreaterThan(299_000);
        }
    }

    /** An application that writes the band too: a flight is put off, added, or called off. */
    private static void delay(Connection c, SplittableRandom random, String band) throws SQLException {
        int id = 10 * (1 + random.nextInt(30_000));
        switch (random.nextInt(3)) {
            case 0 ->
                Beside.together(
                        c,
                        () -> Beside.execute(c, "UPDATE flight SET delay = delay + 20 WHERE id = ?", id),
                        () -> Beside.execute(c, "UPDATE flight SET delay_band = " + band + " WHERE id = ?", id));
            case 1 ->
                Beside.execute(
                        c,
                        "INSERT INTO flight SELECT -id, scheduled_at, delay, distance, origin, destination, " + band
                                + " FROM flight WHERE id = ? ON CONFLICT DO NOTHING",
                        id);
            default -> Beside.execute(c, "DELETE FROM flight WHERE id = ? AND id % 50 = 0", id);
        }
    }
}
