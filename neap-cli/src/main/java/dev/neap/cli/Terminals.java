package dev.neap.cli;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Whether a person sits there, and how wide their terminal is. */
final class Terminals {
    private static final int USUAL_WIDTH = 80;
    private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

    private Terminals() {}

    /**
     * Whether standard input and output both are a terminal. From Java 22 on there is a console even where there is no
     * terminal, and it has to be asked.
     */
    @SuppressWarnings("SystemConsoleNull") // it does until Java 22
    static boolean present() {
        Console console = System.console();
        if (console == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** The terminal's columns, looked at anew every two seconds since a window can be resized. */
    static IntSupplier width() {
        return new IntSupplier() {
            private int width = USUAL_WIDTH;
            private long lookedAt = System.nanoTime() - 2 * LOOK_AGAIN_NANOS;

            @Override
            public synchronized int getAsInt() {
                if (System.nanoTime() - lookedAt > LOOK_AGAIN_NANOS) {
                    lookedAt = System.nanoTime();
                    width = ask();
                }
                return width;
            }
        };
    }

    private static int ask() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (InputStream answer = stty.getInputStream()) {
                String[] size = new String(answer.readAllBytes(), StandardCharsets.UTF_8)
                        .strip()
                        .split(" ", -1);
                int columns = size.length == 2 ? Integer.parseInt(size[1]) : USUAL_WIDTH;
                return columns > 0 ? columns : USUAL_WIDTH;
            }
        } catch (IOException | NumberFormatException e) {
            return USUAL_WIDTH;
        }
    }
}
