package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Connections;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.plan.TableSketch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a backfill file from a live table. */
@Command(
        name = "init",
        description = {
            "Looks at a table and writes a backfill file for it: rebuild-TABLE.yaml, or what --output names.",
            "The URL is not written into it: the file takes it from DATABASE_URL. Without a URL the PG* variables decide."
        },
        synopsisHeading = "Usage: ",
        customSynopsis = "neap init [URL] TABLE [--force] [--json] [--output FILE] [--verbose]",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:written", "1:error", "2:no such table, the file is there already, or wrong usage"},
        footer = {"", "Example:", "  neap init \"$DATABASE_URL\" public.events"})
final class InitCommand extends NeapSubcommand {
    @Parameters(
            arity = "1..2",
            paramLabel = "[URL] TABLE",
            description = "Where the database is, and the table, written as in SQL.")
    private List<String> words = new ArrayList<>();

    @Option(names = "--force", description = "Overwrites a file that is there.")
    private boolean force;

    InitCommand(World world) {
        super(world);
    }

    @Override
    public Integer call() {
        Answer answer = answer();
        try (Report report = report(null)) {
            report.write(answer);
        }
        return answer.exitCode();
    }

    @Override
    Answer answer() {
        String table = words.get(words.size() - 1);
        String url = words.size() == 2 ? words.get(0) : null;
        if (url == null && table.contains("://")) {
            throw new BackfillException("name the table too: neap init URL TABLE");
        }
        TableSketch sketch = Subject.of(world, null, url).engine().describe(table);
        requireRebuildable(sketch);
        Path file = output == null ? Path.of(InitFile.name(sketch) + ".yaml") : output;
        write(file, InitFile.text(sketch, url != null));
        BackfillFile.read(file, world.environment());
        return Answer.of(
                ExitCode.DONE,
                "Wrote " + file + " for " + sketch.table().sql() + ": " + Text.count(sketch.partitions(), "partition")
                        + ", " + InitFile.rows(sketch) + ". Say in it, under set, what should change.",
                Json.object()
                        .put("file", file.toString())
                        .put("table", sketch.table().toString()),
                next(file, url));
    }

    private static void requireRebuildable(TableSketch sketch) {
        if (sketch.partitionStrategy() == null) {
            throw new BackfillException(sketch.table().sql()
                    + " is not partitioned, and a rebuild is of partitions; to fill its columns, or another table from"
                    + " it, write the file by hand: docs/backfill-file.md#a-fill");
        }
        if (sketch.partitions() == 0) {
            throw new BackfillException(
                    sketch.table().sql() + " has no partitions yet, so there is nothing to rebuild");
        }
    }

    private void write(Path file, String text) {
        if (Files.exists(file) && !force) {
            throw new BackfillException(file + " is there already; --force overwrites it, --output names another");
        }
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new BackfillException("the file " + file + " cannot be written: is its folder there, and yours?");
        }
    }

    private String next(Path file, @Nullable String url) {
        String plan = Shell.neap("plan", file);
        return url == null || sameDatabase(url) ? plan : "export DATABASE_URL='" + Connections.mask(url) + "'; " + plan;
    }

    private boolean sameDatabase(String url) {
        String variable = world.environment().nonEmpty("DATABASE_URL");
        if (variable == null) {
            return false;
        }
        try {
            return Connections.resolve(variable, world.environment())
                    .printable()
                    .equals(Connections.resolve(url, world.environment()).printable());
        } catch (BackfillException e) {
            return false;
        }
    }
}
