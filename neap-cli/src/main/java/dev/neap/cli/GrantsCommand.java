package dev.neap.cli;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.TableName;
import dev.neap.cli.text.Json;
import dev.neap.run.Engine;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the statements that make a role. */
@Command(
        name = "grants",
        description =
                "Prints the statements that make a role with just the privileges that a rebuild of this table, or a fill, needs."
                        + " It runs none of them.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:error", "2:no such table, or wrong usage"},
        footer = {
            "",
            "Examples:",
            "  neap grants fix-revenue.yaml --role neap | psql \"$DATABASE_URL\"",
            "  neap grants \"$DATABASE_URL\" public.events --role neap"
        })
final class GrantsCommand extends NeapSubcommand {
    @Parameters(
            index = "0",
            paramLabel = "FILE|URL",
            description = "A backfill file; or a database's URL, followed by the table.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String where;

    @Parameters(index = "1", arity = "0..1", paramLabel = "TABLE", description = "The table, where a URL was given.")
    private @Nullable String table;

    @Option(names = "--role", paramLabel = "ROLE", defaultValue = "neap", description = "The role (default: neap).")
    private String role = "neap";

    GrantsCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        String given = table;
        if (given != null) {
            Engine engine = Subject.of(world, null, where).engine();
            TableName name = engine.describe(given).table();
            return printed(name, engine.grants(name, role));
        }
        if (where.contains("://")) {
            throw new BackfillException("name the table too: neap grants URL TABLE");
        }
        Subject subject = Subject.declared(world, where, null);
        BackfillFile file = subject.file();
        if (file == null) {
            throw new BackfillException("'" + where + "' is no backfill file; write neap grants FILE, or URL TABLE");
        }
        Backfill backfill = file.backfill();
        return printed(
                backfill.fills() ? backfill.fill().from() : backfill.rebuild().table(),
                subject.engine().grants(backfill, role));
    }

    private Answer printed(TableName name, List<String> grants) {
        List<String> statements = grants.stream().map(Shell::sql).toList();
        return new Answer(
                ExitCode.DONE,
                String.join("\n", statements),
                Json.object(Map.of("table", name, "role", role, "statements", statements)),
                "run these as the owner of " + name.sql() + " or a superuser, then put " + role
                        + " into the connection",
                "--");
    }
}
