package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in docs/guide.md of rows that come from other tables, and of a fill, do what is printed there. */
class GuideExampleTest {
    private static final Pattern BLOCK = Pattern.compile("```(\\w*)\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    private static List<MatchResult> blocks(String task) throws IOException {
        String guide = Files.readString(Path.of("..", "docs", "guide.md"));
        String section = guide.substring(guide.indexOf("\n## " + task + "\n") + 4);
        return BLOCK.matcher(section.substring(0, section.indexOf("\n## ")))
                .results()
                .toList();
    }

    private static String block(List<MatchResult> blocks, String language, String begins) {
        return blocks.stream()
                .filter(block ->
                        block.group(1).equals(language) && block.group(2).startsWith(begins))
                .findFirst()
                .orElseThrow()
                .group(2);
    }

    /** Every line in order, but the command and how long it took; of a line that is cut with three dots its beginning. */
    private static void prints(Ran ran, String printed) {
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        Iterator<String> out = ran.out().lines().iterator();
        for (String line : printed.lines().skip(1).toList()) {
            if (line.equals("…") || line.startsWith("Looked at")) {
                continue;
            }
            String begins = line.endsWith("…") ? line.substring(0, line.length() - 1) : line;
            boolean found = false;
            while (!found && out.hasNext()) {
                String next = out.next();
                found = line.endsWith("…") ? next.startsWith(begins) : next.equals(line);
            }
            assertThat(found).as("%s, in%n%s", line, ran.out()).isTrue();
        }
    }

    @Test
    void rows_that_come_from_other_tables() throws Exception {
        List<MatchResult> blocks = blocks("Rows that come from other tables");
        PostgresServer server = PostgresServer.newest();
        server.createDatabase("guide");
        server.execute("guide", block(blocks, "sql", "CREATE TABLE raw_events"));
        Shellish shell = new Shellish(folder);
        shell.engines = target -> new Neap(new PostgresDialect(), target, Tuning.DEFAULT, Probe.NONE);
        shell.variables.put("DATABASE_URL", server.target("guide").printable());
        Path file = folder.resolve("fix-revenue.yaml");
        Files.writeString(file, block(blocks, "yaml", "backfill: fix-revenue"));

        Ran preview = shell.run("preview", file, "events_2024_02");
        Ran run = shell.run("run", file, "--yes");

        prints(preview, block(blocks, "", "$ neap preview"));
        prints(run, block(blocks, "", "$ neap run"));
        try (Connection connection = server.connect("guide");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT count(*), count(*) FILTER (WHERE id = 900001), sum(revenue) = (SELECT 12.5 + sum(round("
                                + "amount * rate, 2)) FROM raw_events JOIN fx USING (currency, day)) FROM events")) {
            rows.next();
            assertThat(rows.getLong(1)).isEqualTo(6_001);
            assertThat(rows.getLong(2)).isEqualTo(1);
            assertThat(rows.getBoolean(3)).isTrue();
        }
    }

    /** An application is between its two writes for no time at all here. */
    private static final Tuning AT_ONCE = new Tuning(
            Tuning.DEFAULT.lease(),
            Tuning.DEFAULT.lockDeadline(),
            Tuning.DEFAULT.courtesy(),
            Tuning.DEFAULT.patience(),
            Tuning.DEFAULT.captureLife(),
            Tuning.DEFAULT.captureLimit(),
            Duration.ofMillis(20));

    @Test
    void a_fill() throws Exception {
        List<MatchResult> blocks = blocks("Fill a column or a table");
        PostgresServer server = PostgresServer.newest();
        server.createDatabase("guide_fill");
        server.execute("guide_fill", block(blocks, "sql", "CREATE TABLE users_legacy"));
        Shellish shell = new Shellish(folder);
        shell.engines = target -> new Neap(new PostgresDialect(), target, AT_ONCE, Probe.NONE);
        shell.variables.put("DATABASE_URL", server.target("guide_fill").printable());
        Path file = folder.resolve("split-full-name.yaml");
        Files.writeString(file, block(blocks, "yaml", "backfill: split-full-name"));

        Ran plan = shell.run("plan", file);
        Ran run = shell.run("run", file, "--yes");
        Ran status = shell.run("status", file);
        Ran preview = shell.run("preview", file);
        Ran undo = shell.run("undo", file, "--yes");

        prints(plan, block(blocks, "", "$ neap plan"));
        prints(run, block(blocks, "", "$ neap run"));
        prints(status, block(blocks, "", "$ neap status"));
        assertThat(preview.exitCode()).isEqualTo(2);
        assertThat(preview.err()).startsWith("neap: not in this version: a preview of a fill; `neap plan` shows");
        assertThat(undo.exitCode()).isEqualTo(2);
        assertThat(undo.err()).startsWith("neap: run 1 is a fill, which replaced nothing that could be put back");
    }
}
