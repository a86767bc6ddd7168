package dev.neap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChildJvmTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What the child runs. */
    static final class Talker {
        private Talker() {}

        public static void main(String[] args) throws InterruptedException {
            System.out.println("SAID " + args[0]);
            if (args[0].equals("wait")) {
                Thread.sleep(60_000);
            }
            System.exit(3);
        }
    }

    @Test
    void a_child_that_is_killed_ends_with_137() throws Exception {
        try (ChildJvm child = ChildJvm.start(Talker.class.getName(), List.of("wait"), line -> {})) {
            assertThat(child.await("SAID wait", PATIENCE)).isTrue();
            assertThat(child.kill()).isEqualTo(ChildJvm.KILLED);
        }
    }

    @Test
    void a_child_that_ends_by_itself_tells_its_code_and_what_it_never_said() throws Exception {
        try (ChildJvm child = ChildJvm.start(Talker.class.getName(), List.of("go"), line -> {})) {
            assertThat(child.await("NEVER", PATIENCE)).isFalse();
            assertThat(child.end(PATIENCE)).isEqualTo(3);
            assertThat(child.output()).contains("SAID go");
        }
    }
}
