package dev.neap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.plan.Step;
import dev.neap.rebuild.Point;
import dev.neap.run.RunEvent;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The kit's own check: it must find nothing where nothing is wrong, and find what is. */
class HistoryTest {
    private final long seed = Seeds.of(1).get(0);

    @Test
    void nothing_is_found_when_the_table_is_mended_after_the_application_stopped_using_the_old_form() throws Exception {
        HistoryReport report = new History(seed).play(PostgresServer.newest(), "history_calm", setting -> {
            pretend(setting);
            mend(
                    setting,
                    "UPDATE public.ledger SET debit = debit * 100, credit = credit * 100, form = 2"
                            + " WHERE form = 1");
        });

        assertThat(report.findings()).as("%s", report).isEmpty();
        assertThat(report.committed()).isGreaterThanOrEqualTo(History.LEAST);
    }

    @Test
    void one_lost_one_extra_and_one_wrong_row_are_found() throws Exception {
        // One that nobody truncates, and whose fixed rows nobody writes: those broken here are there, and stay so.
        HistoryReport report = History.toUndo(seed).play(PostgresServer.newest(), "history_broken", setting -> {
            pretend(setting);
            mend(
                    setting,
                    "UPDATE public.ledger SET debit = debit * 100, credit = credit * 100, form = 2"
                            + " WHERE form = 1 AND id <> 3");
            mend(setting, "DELETE FROM public.ledger WHERE id = 5");
            mend(setting, "INSERT INTO public.ledger VALUES (9999, '2020-03-03', 1, 5, -5, 1, 2)");
        });

        assertThat(report.findings()).anyMatch(found -> found.startsWith("wrong: id 3,"));
        assertThat(report.findings()).anyMatch(found -> found.startsWith("missing: id 5,"));
        assertThat(report.findings()).anyMatch(found -> found.startsWith("extra: id 9999,"));
    }

    @Test
    void the_two_statement_recipe_is_caught_losing_writes() throws Exception {
        HistoryReport report =
                new History(seed).play(PostgresServer.newest(), "history_recipe", TwoStatementRecipe::rebuild);

        assertThat(report.findings()).as("%s", report).isNotEmpty();
    }

    /** Goes through the motions of a run and changes nothing. */
    private static void pretend(History.Setting setting) throws InterruptedException {
        for (int partition = 0; partition < setting.ledger().partitions(); partition++) {
            var name = new dev.neap.backfill.TableName("public", Ledger.leaf(partition));
            setting.listener().on(new RunEvent.UnitStarted(partition, partition, name, 0, 1, 0));
            for (Step step : Step.values()) {
                if (step != Step.SETTLE && step != Step.FILL) {
                    setting.listener().on(new RunEvent.StepStarted(partition, step));
                    setting.probe().at(Point.AFTER_LOAD);
                }
            }
            setting.listener()
                    .on(new RunEvent.UnitDone(partition, name, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
        }
    }

    private static void mend(History.Setting setting, String sql) throws Exception {
        for (int i = 0; ; i++) {
            try (Connection connection =
                            PostgresServer.newest().connect(setting.target().database());
                    Statement statement = connection.createStatement()) {
                // A row that goes to another partition meanwhile would refuse it, time and again.
                statement.execute("BEGIN; LOCK TABLE public.ledger IN SHARE ROW EXCLUSIVE MODE; " + sql + "; COMMIT");
                return;
            } catch (java.sql.SQLException e) {
                if (i == 50) {
                    throw e;
                }
            }
        }
    }
}
