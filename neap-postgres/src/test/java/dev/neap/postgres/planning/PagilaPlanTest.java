package dev.neap.postgres.planning;

import static dev.neap.postgres.planning.Planning.declared;
import static dev.neap.postgres.planning.Planning.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.testkit.Pagila;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PagilaPlanTest {
    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void plans_every_partition_of_payment(int major) throws Exception {
        Optional<Path> folder = Pagila.folder();
        assumeTrue(folder.isPresent(), "Pagila's data is not in the folder that neap.shared names");
        Planning pagila = new Planning(PostgresServer.of(major), "pagila_plan");
        try (Connection connection = pagila.connect()) {
            Pagila.load(connection, folder.orElseThrow());
        }

        Plan once =
                pagila.plan(declared("payment").set("amount", "round(amount)").backfill());
        Plan twice =
                pagila.plan(declared("payment").set("amount", "amount * 1.1").backfill());

        assertThat(once.refused()).as(once.findings().toString()).isFalse();
        assertThat(once.units()).hasSize(7);
        assertThat(once.units().get(6).bound())
                .isEqualTo("FOR VALUES FROM ('2022-01-01 00:00:00+00') TO ('2022-02-01 00:00:00+00')");
        assertThat(once.units().stream().mapToLong(PlannedUnit::rowsEstimated).sum())
                .isEqualTo(16_049);
        assertThat(once.locks())
                .filteredOn(lock -> lock.when() == Plan.TableLock.When.SWAP)
                .extracting(Plan.TableLock::table)
                .containsExactly(
                        "public.customer",
                        "public.rental",
                        "public.staff",
                        "public.payment",
                        "public.payment_p2022_07");
        assertThat(once.locks())
                .as("each partition has foreign keys of its own, by its own names")
                .filteredOn(lock -> lock.table().equals("public.staff"))
                .extracting(Plan.TableLock::why)
                .contains("foreign key payment_p2022_01_staff_id_fkey (and 5 others)");
        assertThat(named(twice, "already-right")).hasSize(1);
        EstimateTest.Took took = EstimateTest.run(pagila, once);
        EstimateTest.within("rows", once.estimate().rows(), took.rows());
        EstimateTest.within("shadow bytes", once.estimate().shadowBytes(), took.shadowBytes());
        EstimateTest.within("index bytes", once.estimate().indexBytes(), took.indexBytes());
        EstimateTest.within("kept bytes", once.estimate().keptBytes(), took.keptBytes());
        EstimateTest.within("log bytes", once.estimate().walBytes(), took.walBytes());
    }
}
