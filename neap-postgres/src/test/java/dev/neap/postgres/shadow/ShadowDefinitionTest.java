package dev.neap.postgres.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShadowDefinitionTest {
    private static final String ROWS = "SELECT e::text FROM " + Everything.TABLE + " e ORDER BY id, day";

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_swapped_partition_differs_in_nothing_from_the_one_before(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        Everything.create(server, "everything");
        try (Connection admin = server.connect("everything");
                Connection neap = server.connect("everything", Everything.RUNNER)) {
            List<String> before = CatalogDescription.ofTable(admin, Everything.TABLE);
            List<String> rows = Rebuilds.texts(admin, ROWS);
            ShadowDefinition shadow = Rebuilds.definition(neap, Everything.LEAF, Everything.TABLE);
            assertThat(shadow.refusals()).isEmpty();

            Rebuilds.build(neap, shadow);
            Rebuilds.transaction(neap, Rebuilds.swap(shadow));

            assertSame(before, CatalogDescription.ofTable(admin, Everything.TABLE));
            assertSame(rows, Rebuilds.texts(admin, ROWS));
            assertThat(Rebuilds.oid(admin, Everything.LEAF)).isNotEqualTo(shadow.liveOid());
        }
    }

    /** Line by line, and only what differs in the message. */
    static void assertSame(List<String> before, List<String> after) {
        List<String> lost = new ArrayList<>(before);
        after.forEach(lost::remove);
        List<String> found = new ArrayList<>(after);
        before.forEach(found::remove);
        assertThat(found.stream().map(line -> "found " + line).toList())
                .as("what is there now; was: %s", String.join("\n", lost))
                .isEmpty();
        assertThat(lost).as("what was lost").isEmpty();
    }
}
