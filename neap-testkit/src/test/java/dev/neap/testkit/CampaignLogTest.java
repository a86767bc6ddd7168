package dev.neap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CampaignLogTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ ";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void every_history_adds_its_line_as_soon_as_it_is_played() throws Exception {
        CampaignLog log = new CampaignLog(folder.resolve("campaign"), CampaignLogTest.class, 2);
        log.played("seed 7: 400 committed (3 partitions)", true);
        assertThat(lines())
                .hasSize(1)
                .first()
                .asString()
                .matches(TIME + "1/2 right, \\d+ s, seed 7: .* \\(3 partitions\\)");
        log.played("seed 8: 401 committed (one)\n  a row that nobody wrote", false);
        new CampaignLog(folder.resolve("campaign"), CampaignLogTest.class, 1).played("seed 8: again", true);
        assertThat(lines()).hasSize(3);
        assertThat(lines().get(1)).matches(TIME + "2/2 WRONG, \\d+ s, seed 8: 401 committed \\(one\\)");
        assertThat(lines().get(2)).matches(TIME + "1/1 right, \\d+ s, seed 8: again");
    }

    private List<String> lines() throws Exception {
        return Files.readAllLines(folder.resolve("campaign/CampaignLogTest.log"));
    }
}
