package dev.neap.cli.progress;

import dev.neap.cli.progress.RunView.UnitView;
import dev.neap.cli.text.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts a run into words and bars. Pure: the same view gives the same lines. */
public final class ProgressLines {
    private static final int NARROWEST = 40;
    private static final int MOST_UNITS = 4;

    private ProgressLines() {}

    /** Lines for a terminal: the run, up to four units in work, and why they wait where they do. Never wider than the terminal. */
    public static List<String> bars(RunView view, int width) {
        // Two columns stay free, so that the ^C that a terminal echoes does not begin a new line.
        int room = Math.max(NARROWEST, width) - 3;
        List<String> lines = new ArrayList<>();
        lines.add(line(view.backfill(), view.percent(), runFacts(view), room));
        if (view.current().isEmpty()) {
            String whole = asAWhole(view);
            if (whole != null) {
                lines.add(Text.fit(whole, room));
            }
        } else {
            for (UnitView unit : shown(view)) {
                lines.add(line(unit.partition(), unit.percent(), unitFacts(view, unit), room));
                addWait(lines, unit.waitingFor(), room);
            }
        }
        if (view.slowed() != null) {
            lines.add(Text.fit(view.slowed(), room));
        }
        return lines;
    }

    private static List<UnitView> shown(RunView view) {
        return view.current().subList(0, Math.min(MOST_UNITS, view.current().size()));
    }

    private static void addWait(List<String> lines, @Nullable String why, int room) {
        if (why != null) {
            lines.add(Text.fit(waiting(why), room));
        }
    }

    /** What it does or waits for while no unit is at work; null for nothing. */
    private static @Nullable String asAWhole(RunView view) {
        String why = view.waitingFor();
        if (view.settling()) {
            return "settling: "
                    + (why == null ? "mends rows that came late in the old form, takes capture off" : waiting(why));
        }
        return why == null ? null : waiting(why);
    }

    private static String waiting(String why) {
        return Text.visible(why.startsWith("wait") ? why : "waiting: " + why);
    }

    /** One line for a log. */
    public static String plain(RunView view) {
        StringBuilder line = new StringBuilder();
        line.append(view.percent()).append(" %  ").append(String.join(", ", runFacts(view)));
        String whole = asAWhole(view);
        if (view.current().isEmpty() && whole != null) {
            line.append("; ").append(whole);
        }
        for (UnitView unit : shown(view)) {
            line.append("; ").append(unit.partition()).append(": ").append(String.join(", ", unitFacts(view, unit)));
            if (unit.waitingFor() != null) {
                line.append("; ").append(waiting(unit.waitingFor()));
            }
        }
        if (view.slowed() != null) {
            line.append("; ").append(view.slowed());
        }
        return line.toString();
    }

    /** `about 4 min left`, `at least 4 min left`. */
    public static String remaining(Duration remaining, boolean least) {
        Duration whole = remaining.compareTo(Duration.ofSeconds(10)) < 0
                ? Duration.ofSeconds(Math.max(1, remaining.toSeconds()))
                : remaining;
        String words = whole.compareTo(Duration.ofSeconds(10)) < 0 ? whole.toSeconds() + " s" : Text.duration(whole);
        return (least ? "at least " : "about ") + words + " left";
    }

    private static List<String> runFacts(RunView view) {
        List<String> facts = new ArrayList<>();
        if (view.unitsAll() == 0) {
            facts.add("not begun");
            return facts;
        }
        facts.add(Text.count(view.unitsDone()) + "/" + Text.count(view.unitsAll(), "unit"));
        if (view.unitsFailed() > 0) {
            facts.add(Text.count(view.unitsFailed()) + " failed");
        }
        if (view.settling()) {
            return facts;
        }
        Long rate = view.rate();
        if (rate != null) {
            facts.add(Text.count(rate) + " rows/s");
        }
        Duration remaining = view.remaining();
        if (remaining != null && view.unitsDone() < view.unitsAll()) {
            facts.add(remaining(remaining, view.leastRemaining()));
        }
        facts.add(Text.count(view.rowsDone()) + " of about " + Text.count(view.rowsAll(), "row"));
        return facts;
    }

    private static List<String> unitFacts(RunView view, UnitView unit) {
        List<String> facts = new ArrayList<>();
        facts.add(unit.step().isEmpty() ? "claimed" : unit.step());
        if (unit.attempt() > 1) {
            facts.add("attempt " + unit.attempt());
        }
        facts.add(Text.count(unit.rows()) + " of about " + Text.count(unit.rowsEstimated(), "row"));
        int others = view.current().size() - MOST_UNITS;
        if (others > 0 && unit.equals(view.current().get(MOST_UNITS - 1))) {
            facts.add("and " + others + " more at work");
        }
        return facts;
    }

    /** Name, bar, percent, facts: what does not fit is left off from the right, the name and the bar stay. */
    private static String line(String name, int percent, List<String> facts, int room) {
        int nameWidth = Math.min(32, room / 3);
        String shortName = pad(Text.fit(name, nameWidth), nameWidth);
        int barWidth = Math.max(8, Math.min(30, room / 5));
        String head = shortName + " " + bar(percent, barWidth) + String.format(" %3d %%", percent);
        StringBuilder line = new StringBuilder(head);
        for (String fact : facts) {
            if (line.length() + 2 + fact.length() > room) {
                break;
            }
            line.append("  ").append(fact);
        }
        return Text.fit(line.toString(), room);
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private static String bar(int percent, int width) {
        int full = percent * width / 100;
        boolean head = full < width;
        return "[" + "=".repeat(full) + (head ? ">" : "") + " ".repeat(Math.max(0, width - full - (head ? 1 : 0)))
                + "]";
    }
}
