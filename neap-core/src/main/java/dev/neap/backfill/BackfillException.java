package dev.neap.backfill;

import java.util.List;

/**
 * A backfill file, a setting or a connection that cannot be used. Each problem is one line for a person: where it is,
 * what is wrong, what to write. It never holds a secret.
 */
public final class BackfillException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    public BackfillException(String problem) {
        this(List.of(problem));
    }

    public BackfillException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line for each problem, in the file's order. */
    public List<String> problems() {
        return problems;
    }
}
