package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.Throttle;
import dev.neap.dialect.UndoRefusal;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.postgres.query.Names;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.UndoPlan;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of every shape, rebuilt while an application writes: the rows are right, and the catalog is as before. */
class ShapesTest {
    private static final int LEAST_WRITES = 30;

    @TempDir
    private static Path places;

    static Stream<Arguments> shapes() {
        return Shape.all().stream().flatMap(shape -> PostgresServer.tested().map(major -> Arguments.of(shape, major)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("shapes")
    void every_shape_comes_back_as_it_was_with_every_row_in_the_new_form(Shape shape, int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        String database = make(server, shape);
        List<String> before = catalog(server, database, shape);
        List<RunEvent> events = new CopyOnWriteArrayList<>();

        RunResult result;
        ShapeWriter writer = new ShapeWriter(server, database, shape);
        try (writer) {
            result = run(server, database, shape, writer, events);
        }

        assertThat(writer.findings()).isEmpty();
        assertThat(result.outcome()).as(events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(writer.committed()).isGreaterThanOrEqualTo(shape.writes() ? LEAST_WRITES : 0);
        assertThat(writer.differences()).isEmpty();
        assertThat(catalog(server, database, shape)).containsExactlyElementsOf(before);
        if (major == PostgresServer.newest().major()) {
            isUndone(server, database, shape, before);
        }
        server.execute("postgres", "DROP DATABASE " + database + " WITH (FORCE)");
    }

    /** Its old partitions come back while an application writes, or it says why not. */
    private static void isUndone(PostgresServer server, String database, Shape shape, List<String> before)
            throws Exception {
        server.execute(database, "DROP TABLE " + ShapeWriter.MIRROR);
        ShapeWriter writer = new ShapeWriter(server, database, shape);
        Neap neap = new Neap(new PostgresDialect(), server.target(database), Ledger.QUICK, point -> {
            if (point == Point.AFTER_CAPTURE && shape.writes()) {
                await(writer, writer.committed() + LEAST_WRITES / 2);
            }
        });
        UndoRequest request = new UndoRequest(1, null, List.of(), List.of(), false, Throttle.NONE);
        UndoPlan plan = neap.undoPlan(request);
        boolean merged = shape.cutover() == Cutover.MERGE;
        if (merged || shape.name().equals("no key at all")) {
            UndoRefusal why = merged ? UndoRefusal.MERGED : UndoRefusal.NOT_RECORDED;
            assertThat(plan.units())
                    .isNotEmpty()
                    .allMatch(unit -> unit.undoable().refusal() == why);
            return;
        }
        RunResult result;
        try (writer) {
            writer.start();
            result = neap.undo(request, plan, event -> {}, new Stop());
        }

        assertThat(writer.findings()).isEmpty();
        assertThat(result.outcome()).as("%s", result).isEqualTo(RunResult.Outcome.DONE);
        assertThat(writer.differencesInEitherForm()).isEmpty();
        assertThat(catalog(server, database, shape)).containsExactlyElementsOf(before);
        try (Connection c = server.connect(database);
                Statement s = c.createStatement();
                ResultSet row = s.executeQuery("SELECT count(*) FROM " + Names.quote(shape.table())
                        + " WHERE form = 1 AND id BETWEEN 1000 AND 1499")) {
            row.next();
            assertThat(row.getInt(1)).as("rows that nobody wrote").isGreaterThan(0);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_write_to_a_partition_without_a_key_sends_it_back_to_its_load_and_is_not_lost(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        Shape keyless = Shape.all().stream()
                .filter(shape -> shape.name().equals("no key at all"))
                .findFirst()
                .orElseThrow();
        for (Point point : List.of(Point.AFTER_LOAD, Point.AFTER_VERIFY, Point.BEFORE_SWAP)) {
            String database = make(server, keyless);
            List<RunEvent> events = new CopyOnWriteArrayList<>();
            Once write =
                    new Once(point, () -> server.execute(database, "UPDATE t_0 SET amount = 0.07 WHERE amount = 1"));
            Neap neap = new Neap(new PostgresDialect(), server.target(database), Ledger.QUICK, write);

            RunResult result = neap.run(neap.plan(backfill(keyless)), events::add, new Stop());

            assertThat(write.did()).isTrue();
            assertThat(result.outcome()).as(point + " " + events).isEqualTo(RunResult.Outcome.DONE);
            assertThat(events).anyMatch(e -> e.toString().contains("without a key that cannot be replayed"));
            try (Connection c = server.connect(database);
                    Statement s = c.createStatement();
                    ResultSet row = s.executeQuery("SELECT count(*) FROM t WHERE amount = 7 AND form = 2")) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(15);
            }
        }
    }

    @Test
    void partitions_that_left_the_table_with_their_parent_are_set_aside_and_nothing_of_them_is_touched()
            throws Exception {
        PostgresServer server = PostgresServer.newest();
        Shape deep = Shape.all().stream()
                .filter(shape -> shape.name().equals("partitions of partitions"))
                .findFirst()
                .orElseThrow();
        String database = make(server, deep);
        Once leave =
                new Once(Point.RUN_CREATED, () -> server.execute(database, "ALTER TABLE t DETACH PARTITION t_jan"));
        Neap neap = new Neap(new PostgresDialect(), server.target(database), Ledger.QUICK, leave);

        RunResult result = neap.run(neap.plan(backfill(deep)), event -> {}, new Stop());

        assertThat(leave.did()).isTrue();
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.FAILED);
        assertThat(result.causes().toString()).contains("t_jan0 belongs to public.t no longer");
        try (Connection c = server.connect(database);
                Statement s = c.createStatement();
                ResultSet row = s.executeQuery("SELECT count(*) FROM t_jan WHERE form = 2")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
    }

    private static RunResult run(
            PostgresServer server, String database, Shape shape, ShapeWriter writer, List<RunEvent> events) {
        int[] swapped = {0};
        Neap[] neap = new Neap[1];
        int[] units = {0};
        neap[0] = new Neap(new PostgresDialect(), server.target(database), Ledger.QUICK, point -> {
            if (point == Point.AFTER_CAPTURE && shape.writes()) {
                await(writer, writer.committed() + LEAST_WRITES / 2);
            }
            if ((point == Point.AFTER_SWAP || point == Point.AFTER_MERGE) && ++swapped[0] == units[0]) {
                // What it writes in the old form after the run is nobody's to mend.
                writer.close();
            }
        });
        Plan plan = neap[0].plan(backfill(shape));
        assertThat(plan.refused()).as(plan.findings().toString()).isFalse();
        units[0] = plan.units().size();
        writer.start();
        return neap[0].run(plan, events::add, new Stop());
    }

    private static void await(ShapeWriter writer, int committed) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (writer.committed() < committed && writer.findings().isEmpty() && System.nanoTime() < deadline) {
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(2);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Backfill backfill(Shape shape) {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("amount", "amount * 100");
        set.put("form", "2");
        Rebuild rebuild = new Rebuild(
                shape.table(),
                PartitionRange.all(),
                set,
                "form = 2",
                ApplicationWrites.OLD,
                shape.writes() ? LiveWrites.CAPTURE : LiveWrites.NONE,
                Duration.ofDays(7),
                shape.cutover());
        return new Backfill("shape", Profile.DEV, rebuild, Pace.unlimited(), 200, 3, Map.of(), List.of());
    }

    private static String make(PostgresServer server, Shape shape) throws Exception {
        String database = server.createDatabase("shapes");
        // On the oldest version a tablespace needs a place of its own.
        String place = "";
        if (server.major() < 15) {
            place = Files.createDirectories(places.resolve("place")).toString();
        }
        server.execute("postgres", "DROP TABLESPACE IF EXISTS neap_shapes");
        List<String> statements = new ArrayList<>();
        for (String sql : shape.statements()) {
            if (server.major() >= 15 || !sql.contains("allow_in_place")) {
                statements.add(sql.replace("{database}", database).replace("{place}", place));
            }
        }
        statements.add("ANALYZE");
        server.execute(database, statements.toArray(String[]::new));
        return database;
    }

    private static List<String> catalog(PostgresServer server, String database, Shape shape) throws SQLException {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement()) {
            // Bounds are spelled in the session's own zone.
            s.execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'");
            return CatalogDescription.ofTable(c, Names.quote(shape.table())).stream()
                    // What is recorded since the swap, so that it can be undone
                    .filter(line -> !line.contains(" trigger CREATE TRIGGER neap_undo_"))
                    .map(ShapesTest::asAttached)
                    .toList();
        }
    }

    /** From 18 on a not-null constraint can be local and inherited at once; ATTACH, whoever says it, makes it inherited. */
    private static String asAttached(String line) {
        return line.contains(" type=n ") ? line.replace(" inherited=1 local=t ", " inherited=1 local=f ") : line;
    }
}
