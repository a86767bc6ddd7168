package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.text.Json;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.run.Engine;
import java.time.Instant;
import java.util.Optional;

/**
 * What a run in dev, which is there for query plans, shows before it asks: the whole plan with its SQL and, where the engine
 * can tell, how the server would carry it out.
 */
final class DryRunLog {
    private DryRunLog() {}

    /** Text, or the first of the JSON lines. */
    static void write(Engine engine, Plan plan, Report report, Instant now) {
        Optional<Explanation> explained = explained(engine, plan);
        if (report.json()) {
            ObjectNode line = Json.object()
                    .put("event", "planned")
                    .put("at", now.toString())
                    .put("hash", plan.hash())
                    .putPOJO("steps", plan.steps())
                    .putPOJO("findings", plan.findings());
            explained.ifPresent(explanation -> line.set("explain", ExplainText.json(explanation)));
            Json.print(report.place(), line, false);
            return;
        }
        report.place().println(PlanText.whole(plan));
        report.place().println();
        explained.ifPresent(explanation -> {
            report.place().println(ExplainText.of(explanation));
            report.place().println();
        });
    }

    /** Nothing of an engine that does not tell, or where nothing is to be done. */
    private static Optional<Explanation> explained(Engine engine, Plan plan) {
        if (plan.units().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(engine.explain(plan, false));
        } catch (NeapException e) {
            if (e.kind() == NeapException.Kind.USAGE) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
