package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shadow's file is /dev/full for a while: the server gets the same answer as from a disk that is full. */
class FullDiskTest {
    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_disk_that_fills_stops_the_run_and_with_room_the_next_one_goes_on(int major) throws Exception {
        Ledger ledger = new Ledger(PostgresServer.of(major), "full_disk").withRows(500);
        stopAfterCapture(ledger);
        Path file = Path.of(
                ledger.text("SHOW data_directory"), ledger.text("SELECT pg_relation_filepath('neap_work_1.ledger_3')"));
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/dev/full"));

        assertThatThrownBy(() -> ledger.run(Probe.NONE))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.FULL))
                .hasMessageContaining("No space left on device")
                .hasMessageContaining("what was made of public.ledger_3 was dropped, and its room is free again");
        assertThat(ledger.number("SELECT count(*) FROM pg_class WHERE relnamespace = 'neap_work_1'::regnamespace"))
                .as("what takes room in vain")
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap_capture%'"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 1 AND amount = id"))
                .isEqualTo(1_500);
        assertThat(ledger.engine().leftovers()).isNotEmpty();

        RunResult again = ledger.run(Probe.NONE);
        assertThat(again.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2 AND amount = id * 100"))
                .isEqualTo(1_500);
    }

    private static void stopAfterCapture(Ledger ledger) {
        Stop stop = new Stop();
        Engine engine = ledger.engine(new Once(Point.AFTER_CAPTURE, () -> stop.request("to fill the disk")));
        RunResult stopped = engine.run(engine.plan(ledger.backfill()), RunListener.SILENT, stop);
        assertThat(stopped.outcome()).isEqualTo(RunResult.Outcome.STOPPED);
    }
}
