package dev.neap.cli.progress;

import java.io.PrintStream;
import java.util.List;

/** A few lines that stay at the foot of a terminal while others scroll up above them. Safe for many threads. */
public final class Footer implements AutoCloseable {
    private static final String CLEAR_LINE = "\r\u001b[2K";
    private static final String UP = "\u001b[1A";

    private final PrintStream out;
    private List<String> shown = List.of();
    private boolean closed;

    public Footer(PrintStream out) {
        this.out = out;
    }

    /** Replaces the lines at the foot. */
    public synchronized void draw(List<String> lines) {
        if (closed || lines.equals(shown)) {
            return;
        }
        print(clear() + String.join("\n", lines));
        shown = List.copyOf(lines);
    }

    /** Prints a line that stays, above the foot. */
    public synchronized void above(String line) {
        print(clear() + line + "\n" + String.join("\n", shown));
    }

    /** Takes the lines away for good. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            print(clear());
            shown = List.of();
        }
    }

    /** One write for the whole change, so that it does not flicker. */
    private void print(String text) {
        out.print(text);
        out.flush();
    }

    private String clear() {
        return shown.isEmpty() ? "" : CLEAR_LINE + (UP + CLEAR_LINE).repeat(shown.size() - 1);
    }
}
