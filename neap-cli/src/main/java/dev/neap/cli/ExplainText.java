package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.plan.Explanation;
import dev.neap.plan.Explanation.Actual;
import dev.neap.plan.Explanation.Batch;
import dev.neap.plan.Explanation.Rehearsal;
import dev.neap.plan.Explanation.Statement;
import java.util.ArrayList;
import java.util.List;

/** How the server would carry out a plan's statements, in words and as JSON. */
final class ExplainText {
    private ExplainText() {}

    static String of(Explanation explanation) {
        List<String> lines = new ArrayList<>();
        lines.add("How the server would carry out the statements"
                + (explanation.batches().isEmpty() ? "" : ", for the first batch"));
        explanation.notes().forEach(note -> lines.add("  (" + note + ")"));
        for (Statement statement : explanation.statements()) {
            lines.add("  " + statement.plan().name() + ": " + statement.verdict());
            Actual actual = statement.actual();
            if (actual != null) {
                lines.add("    rehearsed: " + Text.count(actual.rows(), "row") + " in " + Text.duration(actual.took())
                        + ", " + Text.bytes(actual.walBytes()) + " of WAL");
            }
            if (!statement.settings().isEmpty()) {
                lines.add(Text.indent(Shell.sql(statement.settings()), 4));
            }
            lines.add(Text.indent(statement.plan().text(), 4));
        }
        if (!explanation.batches().isEmpty()) {
            lines.add("");
            lines.add("The first batches, as large as a run begins with");
            lines.addAll(batches(explanation.batches()));
        }
        Rehearsal rehearsal = explanation.rehearsal();
        if (rehearsal != null) {
            lines.add("");
            lines.addAll(rehearsal(rehearsal));
        }
        return String.join("\n", lines);
    }

    private static List<String> batches(List<Batch> batches) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("  After", "Up to", "Rows", "To write"));
        for (Batch batch : batches) {
            List<String> after = batch.after();
            rows.add(List.of(
                    "  " + (after == null ? "" : String.join(", ", after)),
                    String.join(", ", batch.upTo()),
                    Text.count(batch.looked()),
                    Text.count(batch.wanted())));
        }
        return Text.table(rows, false, false, true, true);
    }

    private static List<String> rehearsal(Rehearsal rehearsal) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "Rehearsed (no dry run: it was executed, and rolled back) with " + Text.count(rehearsal.rows(), "row"));
        lines.add("  at this speed and pace the whole fill takes about " + Text.duration(rehearsal.duration())
                + " with one worker, and writes about " + Text.bytes(rehearsal.walBytes()) + " of WAL");
        rehearsal.leaves().forEach(left -> lines.add("  left behind: " + left));
        return lines;
    }

    /** With the server's own JSON as it is. */
    static ObjectNode json(Explanation explanation) {
        ObjectNode whole = Json.object();
        ArrayNode statements = whole.putArray("statements");
        for (Statement statement : explanation.statements()) {
            ObjectNode one = Json.object(statement);
            ((ObjectNode) one.get("plan"))
                    .set("json", Json.parsed(statement.plan().json()));
            Actual actual = statement.actual();
            if (actual != null) {
                ((ObjectNode) one.get("actual")).set("json", Json.parsed(actual.json()));
            }
            statements.add(one);
        }
        whole.putPOJO("batches", explanation.batches());
        whole.putPOJO("notes", explanation.notes());
        whole.putPOJO("rehearsal", explanation.rehearsal());
        return whole;
    }
}
