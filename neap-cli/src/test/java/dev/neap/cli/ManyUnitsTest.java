package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.ChildJvm;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A plan of many units: listed, recorded, worked off and asked for in a process that has little memory. */
class ManyUnitsTest {
    private static final int HEAP_MB = 64;

    @ParameterizedTest
    @ValueSource(ints = {1_000, 100_000})
    void a_hundred_thousand_units_need_no_more_heap_than_a_thousand(int units) throws Exception {
        PostgresServer server = PostgresServer.newest();
        String database = server.createDatabase("many_units");
        try (ChildJvm child = ChildJvm.start(
                HEAP_MB,
                ManyUnits.class.getName(),
                List.of(String.valueOf(server.port()), database, String.valueOf(units)),
                line -> {})) {

            int code = child.end(Duration.ofMinutes(3));
            System.out.println(child.output());

            assertThat(child.output())
                    .as(child.output())
                    .contains("units listed: " + units)
                    .contains("all is well");
            assertThat(code).isZero();
        }
    }
}
