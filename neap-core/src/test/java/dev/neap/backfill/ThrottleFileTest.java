package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThrottleFileTest {
    @TempDir
    Path folder;

    private Throttle read(String profile, String throttle) throws IOException {
        return backfill(profile, throttle).throttle();
    }

    private Backfill backfill(String profile, String throttle) throws IOException {
        Path file = folder.resolve("fix.yaml");
        Files.writeString(
                file, "backfill: fix\nprofile: " + profile + "\nfill: { into: t, set: { a: b } }\n" + throttle);
        return BackfillFile.read(file, Environment.system()).backfill();
    }

    private List<String> problems(String throttle) {
        BackfillException problem = catchThrowableOfType(BackfillException.class, () -> read("prod", throttle));
        return problem.problems().stream()
                .map(p -> p.substring(p.indexOf("fix.yaml")))
                .toList();
    }

    @Test
    void a_profile_has_its_limits() throws IOException {
        assertThat(read("prod", ""))
                .isEqualTo(new Throttle(
                        Duration.ofSeconds(2), false, true, List.of(), null, ServerSignals.ALL, Schedule.ALWAYS));
        assertThat(read("staging", ""))
                .isEqualTo(new Throttle(
                        Duration.ofSeconds(2), false, true, List.of(), null, ServerSignals.ALL, Schedule.ALWAYS));
        assertThat(read("dev", "")).isEqualTo(Throttle.NONE);
    }

    @Test
    void a_file_has_its_own() throws IOException {
        assertThat(read("dev", "throttle: { replica_lag: 5s }\n"))
                .isEqualTo(new Throttle(
                        Duration.ofSeconds(5), true, false, List.of(), null, ServerSignals.NONE, Schedule.ALWAYS));
        assertThat(read("prod", "throttle: { replica_lag: none }\n").replicaLag())
                .isNull();
    }

    @Test
    void it_has_hours_and_days_on_which_nothing_is_written() throws IOException {
        Throttle throttle = read("dev", """
                throttle:
                  hours: [22:00-05:00 Europe/Berlin, Sat-Sun 00:00-24:00 Europe/Berlin]
                  freeze: 2026-12-20..2027-01-04 Europe/Berlin
                """);

        assertThat(throttle.schedule())
                .hasToString("in 22:00-05:00 Europe/Berlin or Sat-Sun 00:00-24:00 Europe/Berlin, never on"
                        + " 2026-12-20..2027-01-04 Europe/Berlin");
        assertThat(problems("throttle: { hours: [22:00-05:00 UTC, 22-5 UTC], freeze: 2026-12-24..2026-12-20 UTC }\n"))
                .containsExactly(
                        "fix.yaml:4:38: throttle.hours.1: it cannot be '22-5 UTC'; write hours with a time zone, such as"
                                + " '22:00-05:00 Europe/Berlin' or 'Sat-Sun 00:00-24:00 Europe/Berlin'",
                        "fix.yaml:4:57: throttle.freeze.0: it cannot be '2026-12-24..2026-12-20 UTC'; write days with a"
                                + " time zone, such as '2026-12-20..2027-01-04 Europe/Berlin'");
    }

    @Test
    void a_canary_is_a_query_with_limits_of_how_many_times_as_long_it_takes() throws IOException {
        assertThat(read("prod", "throttle: { canary: { sql: SELECT 1 } }\n").canary())
                .isEqualTo(new Canary("SELECT 1", new Times(2), new Times(3)));
        assertThat(read("dev", "throttle: { canary: { sql: SELECT 1, warning: 1.25x, limit: 2 x } }\n")
                        .canary())
                .isEqualTo(new Canary("SELECT 1", new Times(1.25), new Times(2)));
        assertThat(read("prod", "").canary()).isNull();
        assertThat(problems("throttle: { canary: { sql: SELECT 1, warning: 4x } }\n"))
                .containsExactly("fix.yaml:4:47: throttle.canary.warning: it comes before the limit, which is 3x");
        assertThat(problems("throttle: { canary: { sql: SELECT 1, limit: 0.5x, warning: 2 } }\n"))
                .containsExactly(
                        "fix.yaml:4:45: throttle.canary.limit cannot be '0.5x'; write how many times as long, over 1,"
                                + " such as 3x",
                        "fix.yaml:4:60: throttle.canary.warning cannot be '2'; write how many times as long, over 1,"
                                + " such as 3x");
        assertThat(problems("throttle: { signals: { name: latency, sql: SELECT 1, limit: 3 } }\n"))
                .singleElement()
                .asString()
                .contains("there are two of this name");
    }

    @Test
    void the_servers_own_signals_have_limits_in_their_units() throws IOException {
        ServerSignals dev = read("dev", """
                throttle:
                  server:
                    connections: 80%
                    transaction: 30m
                    archive_backlog: 512MB
                    slot_wal: 2 TB
                    dead_rows: 12.5%
                    deadlocks: 10
                    wal_rate: 64MB
                    temp_files: 1GB
                    disk: 90%
                    statements: 2.5x
                    commits: 4x
                    disturbance: 2x
                    cpu: 80%
                    disk_busy: 95%
                    disk_wait: 20ms
                    disk_operations: 3000
                """).server();

        assertThat(dev.limits())
                .containsExactly(
                        Map.entry(ServerSignal.CONNECTIONS, 80.0),
                        Map.entry(ServerSignal.TRANSACTION, 1_800.0),
                        Map.entry(ServerSignal.ARCHIVE_BACKLOG, 512.0 * 1024 * 1024),
                        Map.entry(ServerSignal.SLOT_WAL, 2.0 * 1024 * 1024 * 1024 * 1024),
                        Map.entry(ServerSignal.DEAD_ROWS, 12.5),
                        Map.entry(ServerSignal.DEADLOCKS, 10.0),
                        Map.entry(ServerSignal.WAL_RATE, 64.0 * 1024 * 1024),
                        Map.entry(ServerSignal.TEMP_FILES, 1024.0 * 1024 * 1024),
                        Map.entry(ServerSignal.DISK, 90.0),
                        Map.entry(ServerSignal.STATEMENTS, 2.5),
                        Map.entry(ServerSignal.COMMITS, 4.0),
                        Map.entry(ServerSignal.DISTURBANCE, 2.0),
                        Map.entry(ServerSignal.CPU, 80.0),
                        Map.entry(ServerSignal.DISK_BUSY, 95.0),
                        Map.entry(ServerSignal.DISK_WAIT, 0.02),
                        Map.entry(ServerSignal.DISK_OPERATIONS, 3_000.0));
        assertThat(dev.asked()).containsExactly(ServerSignal.values());

        ServerSignals prod =
                read("prod", "throttle: { server: { dead_rows: none } }\n").server();
        assertThat(prod.limits()).hasSize(11).doesNotContainKey(ServerSignal.DEAD_ROWS);
        assertThat(prod.limits().keySet()).noneMatch(ServerSignal::ofMachine);
        assertThat(prod.asked()).as("the file asks for none").isEmpty();
    }

    @Test
    void a_signal_of_the_server_that_is_none_and_a_limit_in_another_unit_are_refused() {
        assertThat(problems("throttle: { server: { conections: 80%, transaction: 30, slot_wal: 10, deadlocks: 0,"
                        + " dead_rows: 0%, statements: 1x } }\n"))
                .containsExactly(
                        "fix.yaml:4:35: throttle.server.conections: there is no such signal; did you mean"
                                + " 'connections'?",
                        "fix.yaml:4:53: throttle.server.transaction: it cannot be '30'; write a time such as 1h, or none",
                        "fix.yaml:4:67: throttle.server.slot_wal: it cannot be '10'; write a size such as 10GB, or none",
                        "fix.yaml:4:82: throttle.server.deadlocks: it cannot be '0'; write a whole number such as 4, or"
                                + " none",
                        "fix.yaml:4:96: throttle.server.dead_rows: it cannot be '0%'; write a share such as 90%, or"
                                + " none",
                        "fix.yaml:4:112: throttle.server.statements: it cannot be '1x'; write a multiple such as 3x, or"
                                + " none");
    }

    @Test
    void signals_of_ones_own_are_queries_and_files() throws IOException {
        Throttle throttle = read("prod", """
                throttle:
                  signals:
                    - { name: queue, sql: SELECT count(*) FROM jobs, limit: 1000, every: 10s }
                    - { name: load, sql: SELECT 1, limit: 10, warning: 8, load: true }
                    - { name: freeze, file: neap.freeze }
                """);

        assertThat(throttle.own())
                .containsExactly(
                        new OwnSignal(
                                "queue",
                                new OwnSignal.Sql("SELECT count(*) FROM jobs"),
                                500,
                                1000,
                                Duration.ofSeconds(10),
                                false),
                        new OwnSignal("load", new OwnSignal.Sql("SELECT 1"), 8, 10, Duration.ofSeconds(5), true),
                        new OwnSignal(
                                "freeze",
                                new OwnSignal.File(folder.resolve("neap.freeze")),
                                1,
                                1,
                                Duration.ofSeconds(5),
                                false));
        assertThat(read("prod", "throttle: { signals: { name: freeze, file: /f } }\n")
                        .own())
                .as("one need not be a list")
                .hasSize(1);
    }

    @Test
    void signals_of_ones_own_are_asked_over_http_too() throws IOException {
        Backfill backfill = backfill("prod", """
                throttle:
                  signals:
                    - { name: deploys, http: "https://ci/ready?token=${TOKEN}" }
                    - { name: cpu, prometheus: "http://neap:${PW}@prom:9090", query: avg(cpu), limit: 70 }
                """);

        assertThat(backfill.throttle().own())
                .extracting(own -> own.name() + " " + own.source() + " " + own.warning() + " " + own.limit())
                .containsExactly(
                        "deploys Http[http=https://ci/ready?…] 1 1",
                        "cpu Prometheus[prometheus=http://neap:${PW}@prom:9090, query=avg(cpu)] 35 70");
        assertThat(problems("throttle: { signals: { name: a, http: prom } }\n"))
                .containsExactly("fix.yaml:4:39: throttle.signals.http: this is no URL; write http://host:port/path or"
                        + " https://…");
        assertThat(problems("throttle: { signals: { name: a, prometheus: http://n:pw@prom, query: q, limit: 1 } }\n"))
                .containsExactly("fix.yaml:4:45: throttle.signals.prometheus: a password in plain text; write ${VAR} or"
                        + " ${file:/path}");
        assertThat(problems("throttle: { signals: { name: a, prometheus: http://prom, limit: 1 } }\n"))
                .containsExactly("fix.yaml:4:22: throttle.signals: prometheus and query go together: where it is, and"
                        + " what it is asked");
        assertThat(problems("throttle: { signals: { name: a, prometheus: http://prom, query: q } }\n"))
                .containsExactly("fix.yaml:4:22: throttle.signals: a query needs a limit: the value from which on"
                        + " nothing is written");
    }

    @Test
    void what_is_wrong_says_where_and_what_to_write() {
        assertThat(problems("throttle: { replica_lag: 100ms }\n"))
                .containsExactly("fix.yaml:4:26: throttle.replica_lag cannot be '100ms'; write a time of 500ms or more,"
                        + " such as 2s, or none");
        assertThat(problems("throttle: { signals: { name: a } }\n"))
                .containsExactly("fix.yaml:4:22: throttle.signals: it asks one thing; write one of sql, prometheus,"
                        + " http and file");
        assertThat(problems("throttle: { signals: { name: a, sql: SELECT 1 } }\n"))
                .containsExactly("fix.yaml:4:22: throttle.signals: a query needs a limit: the value from which on"
                        + " nothing is written");
        assertThat(problems("throttle: { signals: { name: a, file: f, limit: 3 } }\n"))
                .containsExactly("fix.yaml:4:22: throttle.signals: a file or a status is on or off; leave out limit"
                        + " and warning");
        assertThat(problems("throttle: { signals: { name: a, sql: SELECT 1, limit: 3, load: yes } }\n"))
                .singleElement()
                .asString()
                .endsWith("throttle.signals.load cannot be 'yes'; write true or false");
        assertThat(problems("throttle: { signals: { name: a, sql: SELECT 1, limit: 3, warning: 4 } }\n"))
                .containsExactly("fix.yaml:4:67: throttle.signals.warning: it comes before the limit, which is 3");
        assertThat(problems("throttle: { signals: { name: a, file: f, every: 0s } }\n"))
                .containsExactly("fix.yaml:4:49: throttle.signals.every: write 500ms or more");
        assertThat(problems("throttle:\n  signals:\n    - { name: a, file: f }\n    - { name: a, file: g }\n"))
                .containsExactly(
                        "fix.yaml:7:15: throttle.signals.2.name: there are two of this name; name one of them otherwise");
        assertThat(problems("throttle:\n  signals:\n    - { name: replica lag, file: f }\n"))
                .containsExactly("fix.yaml:6:15: throttle.signals.1.name: there are two of this name; name one of them"
                        + " otherwise");
    }

    @Test
    void the_breaker_has_a_budget_and_a_lag() throws IOException {
        assertThat(backfill("prod", "").breaker())
                .isEqualTo(new BreakerLimits(0.0001, Duration.ofSeconds(5), 60, null, OnBreaker.STOP));
        assertThat(backfill("dev", "").breaker()).isEqualTo(new BreakerLimits(0.0001, null, 60, null, OnBreaker.STOP));
        assertThat(backfill("prod", "throttle: { replica_lag: 4s }\n").breaker().replicaLag())
                .as("well after the run waits")
                .isEqualTo(Duration.ofSeconds(8));
        assertThat(backfill("prod", "breaker: { error_budget: 2.5%, replica_lag: none }\n")
                        .breaker())
                .isEqualTo(new BreakerLimits(0.025, null, 60, null, OnBreaker.STOP));
        assertThat(backfill("dev", "breaker: { webhook: \"https://hooks/neap?key=${KEY}\" }\n")
                        .breaker()
                        .webhook())
                .hasToString("https://hooks/neap?…");
    }

    @Test
    void lock_timeouts_are_about_a_fill() throws IOException {
        assertThat(backfill("dev", "breaker: { lock_timeouts: 7 }\n").breaker().lockTimeouts())
                .isEqualTo(7);
        assertThat(problems("breaker: { lock_timeouts: 0 }\n"))
                .singleElement()
                .asString()
                .startsWith("fix.yaml:4:27: breaker.lock_timeouts");
        Path file = folder.resolve("rebuild.yaml");
        Files.writeString(
                file, "backfill: fix\nrebuild: { table: t, set: { a: upper(a) } }\nbreaker: { lock_timeouts: 7 }\n");
        assertThatThrownBy(() -> BackfillFile.read(file, Environment.system()))
                .hasMessageContaining("breaker.lock_timeouts: it is about a fill's batches");
    }

    @Test
    void only_what_a_rebuild_swapped_can_be_put_back_when_the_breaker_trips() throws IOException {
        Path file = folder.resolve("rebuild.yaml");
        String rebuild = "backfill: fix\nrebuild: { table: t, set: { a: upper(a) } }\nbreaker: { on_breaker: undo }\n";
        Files.writeString(file, rebuild);
        assertThat(BackfillFile.read(file, Environment.system())
                        .backfill()
                        .breaker()
                        .onBreaker())
                .isEqualTo(OnBreaker.UNDO);
        assertThat(problems("breaker: { on_breaker: undo }\n"))
                .containsExactly("fix.yaml:4:24: breaker.on_breaker: there is nothing to put back but what a rebuild"
                        + " swapped; leave it out");
    }

    @Test
    void a_breaker_comes_after_the_throttle() {
        assertThat(problems("breaker: { replica_lag: 1s }\n"))
                .containsExactly(
                        "fix.yaml:4:25: breaker.replica_lag: it comes after throttle.replica_lag, which is 2s");
        assertThat(problems("throttle: { replica_lag: none }\nbreaker: { replica_lag: 9s }\n"))
                .containsExactly("fix.yaml:5:25: breaker.replica_lag: lag is not watched; write throttle: {"
                        + " replica_lag: … } too");
        assertThat(problems("breaker: { error_budget: 101% }\n"))
                .containsExactly("fix.yaml:4:26: breaker.error_budget cannot be '101%'; write a share such as 0.01%");
    }
}
