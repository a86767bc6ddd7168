package dev.neap.testkit.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Seeds;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kit's own check: it must find nothing where nothing is wrong, and find what is. */
class FillKitTest {
    private static final PostgresServer SERVER = PostgresServer.newest();

    private static final int MOST_TRIES = 8;
    /** Between the seeds of two tries: another try is another history. */
    private static final long APART = 1_000;

    private final long seed = Seeds.of(1).get(0);

    private static boolean has(List<String> findings, String kind) {
        return findings.stream().anyMatch(found -> found.startsWith(kind));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TABLE_TWO") // No one statement fills two tables.
    void nothing_is_found_when_the_fill_ran_while_the_application_stood_still(FillShape shape) throws Exception {
        FillReport report = quietly(shape, filled -> {});

        assertThat(report.findings()).as("%s", report).isEmpty();
        assertThat(report.committed()).isGreaterThanOrEqualTo(FillHistory.LEAST);
    }

    @Test
    void one_statement_beside_the_application_is_caught_bringing_rows_back_and_leaving_stale_ones() throws Exception {
        // It is a race: both need not be seen in one history.
        List<String> found = new ArrayList<>();
        for (int i = 0; i < MOST_TRIES && !(has(found, "resurrected: ") && has(found, "wrong: ")); i++) {
            found.addAll(plainOf(FillShape.TABLE, i, TodaysFills::oneStatement).findings());
        }

        assertThat(has(found, "resurrected: ")).as("%s", found).isTrue();
        assertThat(has(found, "wrong: ")).as("%s", found).isTrue();
    }

    @Test
    void batches_along_the_key_are_caught_bringing_rows_back_or_leaving_stale_ones() throws Exception {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < MOST_TRIES && !has(found, "resurrected: ") && !has(found, "wrong: "); i++) {
            found.addAll(plainOf(FillShape.TABLE, i, setting -> TodaysFills.inBatches(setting, "public.person", "k"))
                    .findings());
        }

        assertThat(has(found, "resurrected: ") || has(found, "wrong: "))
                .as("%s", found)
                .isTrue();
    }

    @Test
    void one_statement_is_caught_leaving_rows_of_many() throws Exception {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < MOST_TRIES && found.isEmpty(); i++) {
            found.addAll(
                    plainOf(FillShape.TABLE_MANY, i, TodaysFills::oneStatement).findings());
        }

        assertThat(found).isNotEmpty();
    }

    @Test
    void a_transform_that_is_applied_twice_is_found() throws Exception {
        FillReport report = quietly(
                FillShape.COLUMN_ONCE,
                sql -> sql.accept("UPDATE public.account SET amount = amount * 100 WHERE k IN"
                        + " (SELECT k FROM public.account WHERE written_by = 'neap' ORDER BY k LIMIT 400)"));

        assertThat(report.findings()).as("%s", report).anyMatch(found -> found.startsWith("wrong: "));
    }

    @Test
    void missing_overwritten_and_extra_rows_are_found() throws Exception {
        FillReport report = quietly(FillShape.TABLE, sql -> {
            sql.accept("DELETE FROM public.customer WHERE k IN"
                    + " (SELECT k FROM public.customer WHERE written_by = 'neap' ORDER BY k LIMIT 100)");
            sql.accept("UPDATE public.customer SET written_by = 'somebody' WHERE written_by = 'neap'");
            sql.accept("INSERT INTO public.customer SELECT -k - 100000000, first_name, last_name, seen_version,"
                    + " updated_at, written_by FROM public.customer LIMIT 1");
        });

        assertThat(report.findings()).as("%s", report).anyMatch(found -> found.startsWith("missing: "));
        assertThat(report.findings()).as("%s", report).anyMatch(found -> found.startsWith("overwritten: "));
        assertThat(report.findings()).as("%s", report).anyMatch(found -> found.startsWith("resurrected: "));
    }

    /** A history with a key of one number; if wanted, with nothing that makes today's ways fail otherwise. */
    private static FillHistory numbered(long first, FillShape shape, boolean plain) {
        for (long next = first; ; next++) {
            FillHistory history = new FillHistory(next, shape);
            FillSetup setup = history.setup();
            if (setup.keys().numbers() && (!plain || (simple(setup) && !setup.upserts()))) {
                return history;
            }
        }
    }

    private static boolean simple(FillSetup setup) {
        return setup.conflict() == Conflict.KEEP && !setup.bounded();
    }

    private FillReport plainOf(FillShape shape, int attempt, FillHistory.Filler filler) throws Exception {
        FillReport report = numbered(seed + attempt * APART, shape, true).play(SERVER, "fill_kit_today", filler);
        System.out.println(report + "\n  " + report.happenings());
        return report;
    }

    /** The fill in one moment of rest, and then something on top of it. */
    private FillReport quietly(FillShape shape, Consumer<Consumer<String>> then) throws Exception {
        FillHistory history = shape == FillShape.TABLE || shape == FillShape.COLUMN_ONCE
                ? numbered(seed, shape, false)
                : new FillHistory(seed, shape);
        FillReport report = history.play(
                SERVER,
                "fill_kit_quiet",
                setting -> setting.quiet().run(() -> {
                    execute(setting.target().database(), setting.statement().of(""));
                    then.accept(sql -> execute(setting.target().database(), sql));
                    return true;
                }));
        System.out.println(report + "\n  " + report.happenings());
        return report;
    }

    private static void execute(String database, String sql) {
        try (Connection connection = SERVER.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(sql + ": " + e.getMessage(), e);
        }
    }
}
