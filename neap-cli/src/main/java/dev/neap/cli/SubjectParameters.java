package dev.neap.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A backfill file or a backfill's name, and where its database is. */
final class SubjectParameters {
    @Parameters(
            paramLabel = "FILE|NAME",
            arity = "0..1",
            description = "A backfill file, whose connection is used; or a backfill's name.")
    private @Nullable String typed;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the database is; otherwise the file's, NEAP_CONNECTION, or the PG* variables.")
    private @Nullable String url;

    Subject find(World world) {
        return Subject.of(world, typed, url);
    }
}
