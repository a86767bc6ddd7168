package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.neap.cli.Shellish.Ran;
import dev.neap.cli.preview.PreviewPage;
import dev.neap.cli.preview.Previews;
import dev.neap.preview.PreviewRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewCommandTest {
    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
    }

    @Test
    void shows_what_would_change() {
        Ran ran = shell.run("preview", shell.file());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        Golden.assertSame("preview.txt", ran.out());
        Golden.assertSame(
                "preview.json", shell.run("preview", shell.file(), "--json").out());
        assertThat(shell.engine.previewed).isEqualTo(PreviewRequest.bounded());
    }

    @Test
    void asks_for_what_was_typed() {
        shell.run("preview", shell.file(), "events_2024_01", "--full", "--hide", "email", "--hide", "a, b");

        assertThat(shell.engine.previewed)
                .isEqualTo(new PreviewRequest(
                        "events_2024_01", PreviewRequest.DEFAULT_ROWS, true, Set.of("email", "a, b")));
        shell.run("preview", shell.file(), "--sample", "50");
        assertThat(shell.engine.previewed).isEqualTo(new PreviewRequest(null, 50, false, Set.of()));
    }

    @Test
    void writes_a_page_beside_the_text() throws Exception {
        Path page = folder.resolve("preview.html");

        Ran ran = shell.run("preview", shell.file(), "--html", page);
        Ran json = shell.run("preview", shell.file(), "--html", page, "--json");

        assertThat(ran.out()).contains("\nThe page is in preview.html.\nNext: ");
        assertThat(page).content().isEqualTo(PreviewPage.of(Previews.sampled(), FakeEngine.NOW));
        JsonNode answer = new ObjectMapper().readTree(json.out());
        assertThat(answer.path("html").asText()).isEqualTo("preview.html");
        assertThat(answer.path("columns")
                        .get(0)
                        .path("numbers")
                        .path("sum_before")
                        .decimalValue())
                .isEqualByComparingTo("50123.40");
        assertThat(Files.readString(page)).doesNotContain("hunter2");
    }

    @Test
    void says_what_cannot_be() {
        assertThat(shell.run("preview", shell.file(), "--full", "--sample", "9").err())
                .contains("--full looks at every row, --sample at some");
        assertThat(shell.run("preview", shell.file(), "--sample", "0").err()).contains("--sample takes 1 to 1000000");
        assertThat(shell.run("preview", shell.file(), "--html", folder.resolve("no/where.html"))
                        .err())
                .contains("cannot be written");
        assertThat(shell.run("check", shell.file(), "--output", folder).err()).contains("cannot be written");
        assertThat(shell.engine.asked)
                .as("nothing is done whose result could not be kept")
                .isEmpty();
        assertThat(shell.run("preview", shell.file(), "--sample", "many").exitCode())
                .isEqualTo(2);
    }
}
