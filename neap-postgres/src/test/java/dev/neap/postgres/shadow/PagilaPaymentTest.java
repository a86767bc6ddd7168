package dev.neap.postgres.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.Pagila;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PagilaPaymentTest {
    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void every_partition_of_payment_comes_back_as_it_was(int major) throws Exception {
        Optional<Path> folder = Pagila.folder();
        assumeTrue(folder.isPresent(), "Pagila's data is not in the folder that neap.shared names");
        PostgresServer server = PostgresServer.of(major);
        server.createDatabase("pagila");
        try (Connection neap = server.connect("pagila")) {
            Pagila.load(neap, folder.orElseThrow());
            Rebuilds.run(neap, "CREATE SCHEMA \"neap work\"");
            Rebuilds.run(neap, "CREATE SCHEMA neap_kept");
            List<String> before = CatalogDescription.ofTable(neap, "public.payment");
            List<String> rows = Rebuilds.texts(neap, "SELECT p::text FROM payment p ORDER BY payment_id, payment_date");
            assertThat(rows).hasSizeGreaterThan(16_000);

            for (String leaf : Rebuilds.texts(
                    neap,
                    "SELECT inhrelid::regclass::text FROM pg_inherits"
                            + " WHERE inhparent = 'payment'::regclass ORDER BY 1")) {
                ShadowDefinition shadow = Rebuilds.definition(neap, leaf, "payment");
                assertThat(shadow.refusals()).isEmpty();
                Rebuilds.build(neap, shadow);
                Rebuilds.transaction(neap, Rebuilds.swap(shadow));
            }

            ShadowDefinitionTest.assertSame(before, CatalogDescription.ofTable(neap, "public.payment"));
            assertThat(Rebuilds.texts(neap, "SELECT p::text FROM payment p ORDER BY payment_id, payment_date"))
                    .isEqualTo(rows);
        }
    }
}
