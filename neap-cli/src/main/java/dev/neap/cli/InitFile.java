package dev.neap.cli;

import dev.neap.cli.text.Text;
import dev.neap.plan.TableSketch;
import dev.neap.plan.TableSketch.Column;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The backfill file that `neap init` writes: short, and every other key is there as a comment with its default. */
final class InitFile {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");
    private static final Pattern NOT_IN_NAMES = Pattern.compile("[^A-Za-z0-9_-]+");
    private static final int MOST_COLUMNS = 40;

    private InitFile() {}

    /** The backfill's name: `rebuild-events`. */
    static String name(TableSketch sketch) {
        String name = "rebuild-" + NOT_IN_NAMES.matcher(sketch.table().name()).replaceAll("-");
        return name.substring(0, Math.min(63, name.length()));
    }

    /** @param withUrl whether the connection comes from DATABASE_URL; otherwise the PG* variables decide */
    static String text(TableSketch sketch, boolean withUrl) {
        String column = columnToSet(sketch);
        return """
                # A Neap backfill file. What is commented out shows a default or an example; docs/backfill-file.md has every key.
                backfill: %s
                profile: prod                      # dev | staging | prod
                %s
                # replicas:                        # hot standbys whose readers are waited for before a swap
                #   - ${REPLICA_URL}
                rebuild:
                  # %s
                  table: %s
                  partitions: %s
                  set:                             # column: SQL expression over the row's own columns
                    %s: %s   # <- write what it should become
                    # %s
                  # already_right: <predicate>     # true for rows already in the new form
                  # application_writes: old        # old | new: which form the application writes by now
                  # writes: capture                # capture | none: whether the application writes meanwhile
                  # keep_old: 7d                   # how long replaced partitions are kept
                # pace:
                #   rate: 500 rows/s               # the ceiling, or none
                #   pause: 0s                      # between two units
                #   batch_pause: 0s                # between two batches
                # batch_rows: 1000                 # about how many rows one transaction loads, in whole blocks
                # failure_limit: 3                 # how many units may fail before the run stops
                # assert:                          # SQL that must yield true before each swap
                #   same rows: SELECT (SELECT count(*) FROM :shadow) = (SELECT count(*) FROM :live)
                """.formatted(
                name(sketch),
                withUrl ? "connection: ${DATABASE_URL}" : "# connection: ${DATABASE_URL}    # now: PG* variables",
                about(sketch),
                yaml(sketch.table().sql()),
                partitions(sketch),
                yaml(column),
                yaml(identifier(column)),
                columns(sketch));
    }

    /** The first column that a rebuild may change without moving the row or its key. */
    private static String columnToSet(TableSketch sketch) {
        List<Column> free = sketch.columns().stream()
                .filter(column -> !column.generated())
                .filter(column -> !sketch.key().contains(column.name()))
                .filter(column -> !sketch.partitionKey().contains(column.name()))
                .toList();
        return free.isEmpty() ? sketch.columns().get(0).name() : free.get(0).name();
    }

    private static String about(TableSketch sketch) {
        return Text.count(sketch.partitions(), "partition") + ", " + sketch.partitionKey() + ", " + rows(sketch)
                + "; key " + (sketch.key().isEmpty() ? "none" : String.join(", ", sketch.key()));
    }

    /** How many rows it has, as far as the server knows. */
    static String rows(TableSketch sketch) {
        return sketch.rows() < 0 ? "rows not counted yet" : "about " + Text.count(sketch.rows(), "row");
    }

    private static String partitions(TableSketch sketch) {
        String bounds = bound("from", sketch.lowest()) + bound("to", sketch.highest());
        return "{ " + bounds + "order: newest-first }";
    }

    private static String bound(String key, @Nullable String value) {
        return value == null ? "" : key + ": " + yaml(value) + ", ";
    }

    private static String columns(TableSketch sketch) {
        String list = sketch.columns().stream()
                .limit(MOST_COLUMNS)
                .map(column -> column.name() + " " + column.type() + (column.generated() ? " (generated)" : ""))
                .collect(Collectors.joining(", "));
        int more = sketch.columns().size() - MOST_COLUMNS;
        return ("columns: " + list + (more > 0 ? ", and " + more + " more" : "")).replace('\n', ' ');
    }

    private static String identifier(String column) {
        return column.matches("[a-z_][a-z0-9_]*") ? column : "\"" + column.replace("\"", "\"\"") + "\"";
    }

    /** Text as YAML reads it back, in double quotes where it must be. */
    private static String yaml(String text) {
        return PLAIN.matcher(text).matches()
                ? text
                : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
