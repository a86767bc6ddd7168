package dev.neap.bench.invisible;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.neap.backfill.Times;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every way fills rows beside the application, at a size that says nothing of speed. */
class InvisibleBenchTest {
    @Test
    void each_pair_is_measured() throws Exception {
        try (PostgresServer server = InvisibleBench.start(18)) {
            Map<String, Object> report = InvisibleBench.run(
                    server, new InvisibleBench.Size(100_000, Duration.ofMillis(300), 1, 1, 50, new Times(50), false));

            List<Pair> pairs = ((List<?>) report.get("pairs"))
                    .stream().map(Pair.class::cast).toList();
            assertEquals(
                    List.of("nothing, 1", "Neap, 1", "one UPDATE", "Neap without signals", "a fixed rate"),
                    pairs.stream()
                            .map(pair -> pair.work().replaceFirst("Neap without signals, .*", "a fixed rate"))
                            .toList());
            Set<String> heeded = pairs.get(1).said().highest().keySet();
            assertTrue(heeded.containsAll(List.of("latency", "statement time", "commit time")), heeded.toString());
            for (Pair pair : pairs) {
                assertEquals("", pair.failures());
                assertTrue(pair.without().requests() > 0 && pair.beside().requests() > 0, pair.toString());
            }
        }
    }
}
