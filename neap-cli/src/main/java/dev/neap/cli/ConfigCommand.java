package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.BackfillSchema;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Setting;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows each value of a backfill and where it came from. */
@Command(
        name = "config",
        description = {
            "Shows each value of a backfill file and where it came from: flag, environment, file, profile or default.",
            "It connects to nothing. Secrets are shown as ***."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the file can be used", "2:it cannot, or wrong usage"},
        footer = {
            "",
            "Examples:",
            "  neap config fix-revenue.yaml --rate '2000 rows/s'",
            "  neap config --schema --output backfill.schema.json"
        })
final class ConfigCommand extends NeapSubcommand {
    @Parameters(paramLabel = "FILE", arity = "0..1", description = "The backfill file.")
    private @Nullable Path file;

    @Option(names = "--schema", description = "Prints the JSON Schema of a backfill file, for editors.")
    private boolean schema;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    ConfigCommand(World world) {
        super(world);
    }

    @Override
    public Integer call() {
        return schema ? printSchema() : super.call();
    }

    /** The schema is JSON already, and what comes next is not part of it. */
    private int printSchema() {
        try (Report report = report(output)) {
            report.place().print(BackfillSchema.json());
            report.place().flush();
        }
        world.err().println("Next: begin a backfill file with '# yaml-language-server: $schema=backfill.schema.json'");
        return ExitCode.DONE;
    }

    @Override
    Answer answer() {
        if (file == null) {
            throw new BackfillException("name a backfill file, or ask for --schema");
        }
        BackfillFile backfill = settings.read(file, world.environment());
        ConnectionTarget target = backfill.target(world.environment());
        String database = target.printable() + (target.password() == null ? " (no password)" : " (password ***)");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Key", "Value", "From"));
        for (Setting setting : backfill.settings()) {
            String value = setting.value().lines().findFirst().orElse("").strip();
            boolean more = setting.value().strip().contains("\n");
            rows.add(List.of(setting.key(), more ? value + " ..." : value, setting.origin()));
        }
        String text = String.join("\n", Text.table(rows)) + "\n\nDatabase  " + database;
        ObjectNode data = Json.object(Map.of("settings", backfill.settings(), "database", target.printable()));
        return Answer.of(ExitCode.DONE, text, data, Shell.neap("check", file));
    }
}
