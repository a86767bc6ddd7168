package dev.neap.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rehearse.CopyRequest;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run on the copy whose capture is broken on purpose: the receipt must not be good. */
class SabotageTest {
    private static final PostgresServer SERVER = PostgresServer.newest();
    private static final CopyRequest SMALL = new CopyRequest(300, 3_000, 2, Set.of());

    /**
     * What is captured is thrown away from the load on, and no unit goes on from its load before that was so often.
     * Neap's own transaction does it, so there is nothing to be too late for but the first unit.
     */
    private static final String BREAKS = """
            CREATE SEQUENCE public.lost;
            CREATE FUNCTION public.lose() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM nextval(''public.lost''); RETURN NULL; END';
            CREATE FUNCTION public.breaks() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                enough bigint := nextval('public.lost') + 40;
            BEGIN
                IF NEW.step = 'load' THEN
                    EXECUTE format('CREATE OR REPLACE TRIGGER lose BEFORE INSERT ON %s'
                        ' FOR EACH ROW EXECUTE FUNCTION public.lose()', {changes});
                ELSE
                    FOR tries IN 1..1200 LOOP
                        EXIT WHEN (SELECT last_value FROM public.lost) >= enough;
                        PERFORM pg_sleep(0.05);
                    END LOOP;
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER breaks AFTER UPDATE ON neap.unit FOR EACH ROW
                WHEN ((OLD.step = 'load') <> (NEW.step = 'load')) EXECUTE FUNCTION public.breaks()""";

    @TempDir
    Path folder;

    @Test
    void writes_that_are_not_captured_are_a_mismatch() {
        String database = RehearsedTable.make(SERVER, "sabotaged_capture");

        Rehearsal.Result result = rehearse(
                RehearsedTable.file(folder, SERVER, database, "paid: in_cents(euros)"), "'neap.changes_' || NEW.id");

        assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.MISMATCH);
    }

    @Test
    void writes_of_a_source_that_are_not_captured_are_a_mismatch() {
        String database = RehearsedSources.make(SERVER, "sabotaged_sources");

        Rehearsal.Result result =
                rehearse(RehearsedSources.file(folder, SERVER, database, "keep"), "'neap.sources_' || NEW.run_id");

        assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.MISMATCH);
        assertThat(result.text()).contains("no unit").contains("with other values");
    }

    private static Rehearsal.Result rehearse(Path file, String changes) {
        BackfillFile backfill = BackfillFile.read(file, Environment.system());
        var source = backfill.target(Environment.system());
        var plan = new Neap(new PostgresDialect(), source, Tuning.DEFAULT, Probe.NONE).plan(backfill.backfill());
        return new Rehearsal(file, plan, source, SMALL, Duration.ZERO, 7, line -> {
                    if (line.startsWith("Writers and readers begin")) {
                        Thread saboteur = new Thread(() -> breakIt(BREAKS.replace("{changes}", changes)), "saboteur");
                        saboteur.setDaemon(true);
                        saboteur.start();
                    }
                })
                .run("", false, Instant.parse("2025-01-31T12:00:00Z"));
    }

    /** As soon as the control tables are there. */
    private static void breakIt(String sql) {
        for (int tries = 0; tries < 6_000; tries++) {
            try {
                RehearsalFolder.execute(sql);
                return;
            } catch (IllegalStateException notYet) {
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
