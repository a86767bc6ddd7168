package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/** Asks before it writes. */
final class Question {
    private Question() {}

    /**
     * Refuses early where nobody can be asked.
     *
     * @throws BackfillException when no person sits there and `--yes` was not said
     */
    static void requireSomebody(World world, boolean yes, boolean json) {
        if (!yes && json) {
            throw new BackfillException("with --json nobody is asked; say --yes");
        }
        if (!yes && !world.terminal()) {
            throw new BackfillException("this is no terminal, so nobody can be asked; say --yes");
        }
    }

    /** True on `y` or `yes`; everything else, and the end of the input, is a no. */
    static boolean yes(World world, String question) {
        world.out().print(question + " [y/N] ");
        world.out().flush();
        try {
            String line = world.in().readLine();
            String typed = line == null ? "" : line.strip().toLowerCase(Locale.ROOT);
            return typed.equals("y") || typed.equals("yes");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
