package dev.neap.cli;

import dev.neap.cli.text.Json;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a script that completes commands and options. */
@Command(
        name = "completion",
        description = "Prints a script that completes commands and options in bash or zsh.",
        footer = {"", "Example:", "  source <(neap completion bash)"})
final class CompletionCommand extends NeapSubcommand {
    enum ShellName {
        bash,
        zsh
    }

    @Parameters(paramLabel = "bash|zsh", arity = "0..1", defaultValue = "bash", description = "Which shell.")
    private ShellName shell = ShellName.bash;

    CompletionCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        // One script serves both: under zsh it loads bash's completion first.
        String script = AutoComplete.bash("neap", spec.root().commandLine()).strip();
        return new Answer(
                ExitCode.DONE,
                script,
                Json.object().put("shell", shell.name()).put("script", script),
                "put 'source <(neap completion " + shell + ")' into ~/." + shell + "rc",
                "#");
    }
}
