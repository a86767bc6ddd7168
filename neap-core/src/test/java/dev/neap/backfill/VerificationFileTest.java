package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationFileTest {
    @TempDir
    Path folder;

    private Verification read(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("fix.yaml"), "backfill: fix\n" + text);
        return BackfillFile.read(file, Environment.system()).verification();
    }

    @Test
    void a_claim_and_expectations_are_read_for_each_fill() throws IOException {
        Verification verification = read("""
                verify: { match: 99.5%, confidence: 95 % }
                fill:
                  - { into: users, set: { name: lower(n) } }
                  - { into: items, set: { cents: price * 100 }, expect: { cents: (price || '00')::int } }
                """);

        assertThat(verification.match()).isEqualTo(0.995);
        assertThat(verification.confidence()).isEqualTo(0.95);
        assertThat(verification.expect()).containsExactly(Map.of(), Map.of("cents", "(price || '00')::int"));
    }

    @Test
    void without_a_claim_there_is_a_default() throws IOException {
        Verification verification = read("rebuild:\n  table: events\n  set: { a: upper(a) }\n");

        assertThat(verification.match()).isEqualTo(0.9999);
        assertThat(verification.confidence()).isEqualTo(0.99);
        assertThat(verification.expect()).containsExactly(Map.of());
    }

    @Test
    void a_rebuild_has_expectations_of_what_it_sets_and_of_nothing_else() throws IOException {
        Verification verification = read("rebuild: { table: events, set: { a: upper(a) }, expect: { a: upper(b) } }\n");

        assertThat(verification.expect()).containsExactly(Map.of("a", "upper(b)"));
        assertThatThrownBy(() -> read("rebuild:\n  table: events\n  set: { a: upper(a) }\n  expect: { b: upper(b) }\n"))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("fix.yaml:5:16: rebuild.expect.b: set does not have this column");
    }

    @Test
    void a_share_that_no_sample_shows_is_refused_with_its_place() {
        for (String share : new String[] {"100%", "0%", "49.9%", "99.99999%", "0.9999", "most"}) {
            assertThatThrownBy(() -> read("verify:\n  match: " + share + "\nfill: { into: users, set: { a: b } }\n"))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("fix.yaml:3:10: verify.match: '" + share + "' is no share");
        }
    }
}
