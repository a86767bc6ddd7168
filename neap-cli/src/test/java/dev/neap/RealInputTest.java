package dev.neap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.Flights;
import dev.neap.testkit.Pagila;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command line on tables that nobody here made. They are not part of this repository: where the folder that the
 * system property `neap.shared` names has none, these tests say so and are not run.
 */
class RealInputTest {
    @TempDir
    Path folder;

    private final PostgresServer server = PostgresServer.newest();

    private Process neap(String... arguments) throws IOException {
        // Where the tests run in the background, a shell has set SIGINT to be ignored, and children inherit it.
        List<String> command = new ArrayList<>(List.of(
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.neap.cli.Main"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("output").toFile()))
                .start();
    }

    private int exit(Process process) throws InterruptedException {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("it ends").isTrue();
        return process.exitValue();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }

    private long number(String database, String sql) {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement();
                ResultSet rs = s.executeQuery(sql)) {
            rs.next();
            return rs.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void every_partition_of_pagilas_payment_is_rebuilt_and_the_catalog_is_as_before() throws Exception {
        assumeTrue(Pagila.folder().isPresent(), "Pagila is not beside this repository");
        String database = server.createDatabase("real_pagila");
        List<String> before;
        try (Connection c = server.connect(database)) {
            Pagila.load(c, Pagila.folder().get());
        }
        server.execute(database, "CREATE TABLE public.payment_before AS SELECT * FROM public.payment", "ANALYZE");
        try (Connection c = server.connect(database)) {
            before = CatalogDescription.ofTable(c, "public.payment");
        }
        Path file = Files.writeString(folder.resolve("payment.yaml"), """
                backfill: raise-amounts
                profile: dev
                connection: %s
                rebuild:
                  table: public.payment
                  set: { amount: "round(amount * 1.1, 2)" }
                  already_right: payment_date >= '2022-07-20'
                  application_writes: new
                  writes: none
                """.formatted(server.url(database)));

        PreviewedFigures previewed = new PreviewedFigures(server, database, file);
        previewed.look("amount");

        assertThat(exit(neap("run", file.toString(), "--yes"))).as(output()).isZero();

        previewed.assertDone("payment_before", "payment", "payment_date, payment_id");
        try (Connection c = server.connect(database)) {
            assertThat(CatalogDescription.ofTable(c, "public.payment"))
                    .as("but for what is recorded since, so that it can be undone")
                    .filteredOn(line -> !line.contains(" trigger CREATE TRIGGER neap_undo_"))
                    .isEqualTo(before);
        }
        assertThat(number(database, """
                        SELECT count(*) FROM public.payment_before b
                        FULL JOIN public.payment p USING (payment_date, payment_id)
                        WHERE b.customer_id IS DISTINCT FROM p.customer_id OR b.staff_id IS DISTINCT FROM p.staff_id
                           OR b.rental_id IS DISTINCT FROM p.rental_id
                           OR p.amount IS DISTINCT FROM
                              CASE WHEN b.payment_date >= '2022-07-20' THEN b.amount ELSE round(b.amount * 1.1, 2) END
                        """)).isZero();
        assertThat(number(database, "SELECT count(*) FROM public.payment_before WHERE payment_date >= '2022-07-20'"))
                .as("rows that were right already")
                .isPositive();
    }

    @Test
    void three_hundred_thousand_flights_in_181_daily_partitions_survive_ctrl_c_and_kill_9() throws Exception {
        assumeTrue(Flights.file().isPresent(), "the flights are not beside this repository");
        String database = server.createDatabase("real_flights");
        load(database, Flights.file().get());
        Path file = Files.writeString(folder.resolve("flights.yaml"), """
                backfill: delay-in-seconds
                profile: dev
                connection: %s
                rebuild:
                  table: public.flights
                  partitions: { from: 2001-01-01, to: 2001-07-01, order: newest-first }
                  set: { delay: delay * 60, unit: "'s'" }
                  already_right: unit = 's'
                  application_writes: old
                """.formatted(server.url(database)));

        server.execute(database, "CREATE TABLE flights_before AS SELECT * FROM flights");
        PreviewedFigures previewed = new PreviewedFigures(server, database, file);
        previewed.look("delay");
        Process first = neap("run", file.toString(), "--yes");
        awaitDone(database, 15);
        new ProcessBuilder("kill", "-INT", String.valueOf(first.pid())).start().waitFor();
        assertThat(exit(first)).as(output()).isEqualTo(130);
        assertThat(number(database, "SELECT count(DISTINCT scheduled_at::date) FROM flights WHERE unit = 's'"))
                .isBetween(15L, 180L);
        assertThat(number(database, "SELECT count(*) FROM flights WHERE scheduled_at >= '2001-06-30' AND unit = 'min'"))
                .as("the newest first, but the one row of the next day")
                .isEqualTo(1);

        Process second = neap("run", file.toString(), "--yes");
        awaitDone(database, 60);
        second.destroyForcibly();
        assertThat(exit(second)).isEqualTo(137);

        assertThat(exit(neap("run", file.toString(), "--yes"))).as(output()).isZero();
        assertThat(number(database, """
                        SELECT count(*) FROM flights_raw r FULL JOIN flights f USING (id, scheduled_at)
                        WHERE f.delay IS DISTINCT FROM r.delay * CASE WHEN scheduled_at < '2001-07-01' THEN 60 ELSE 1 END
                           OR f.unit IS DISTINCT FROM CASE WHEN scheduled_at < '2001-07-01' THEN 's' ELSE 'min' END
                           OR f.distance IS DISTINCT FROM r.distance OR f.origin IS DISTINCT FROM r.origin
                           OR f.destination IS DISTINCT FROM r.destination
                        """)).isZero();
        assertThat(number(database, "SELECT count(*) FROM flights")).isEqualTo(300_000);
        previewed.assertDone("flights_before", "flights", "scheduled_at, id");
        assertThat(number(database, "SELECT count(*) FROM neap.unit WHERE state = 'done' AND settled"))
                .isEqualTo(181);
    }

    private void awaitDone(String database, int units) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    if (number(
                                    database,
                                    "SELECT count(*) FROM pg_class WHERE relname = 'unit' AND relnamespace::regnamespace::text = 'neap'")
                            == 0) {
                        return false;
                    }
                    return number(database, "SELECT count(*) FROM neap.unit WHERE state = 'done'") >= units;
                });
    }

    private void load(String database, Path flights) throws Exception {
        try (Connection c = server.connect(database)) {
            Flights.load(c, flights, "flights_raw");
        }
        server.execute(database, """
                CREATE TABLE flights (id int NOT NULL, scheduled_at timestamp NOT NULL, delay int, distance int,
                    origin text, destination text, unit text NOT NULL DEFAULT 'min',
                    PRIMARY KEY (scheduled_at, id)) PARTITION BY RANGE (scheduled_at)
                """, """
                DO $$ BEGIN FOR d IN 0..180 LOOP
                  EXECUTE format('CREATE TABLE flights_%s PARTITION OF flights FOR VALUES FROM (%L) TO (%L)',
                    to_char(date '2001-01-01' + d, 'YYYY_MM_DD'), date '2001-01-01' + d, date '2001-01-02' + d);
                END LOOP; END $$
                """, "CREATE TABLE flights_rest PARTITION OF flights DEFAULT");
        server.execute(
                database,
                "INSERT INTO flights (id, scheduled_at, delay, distance, origin, destination) SELECT * FROM flights_raw",
                "ANALYZE");
    }
}
