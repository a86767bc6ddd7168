package dev.neap.backfill;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a file says about the proofs that its profile asks for.
 *
 * @param approver who may approve the plan
 * @param answers check to why the run may start in spite of what it finds
 */
public record Proofs(Approver approver, Map<String, String> answers) {
    public Proofs {
        answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers));
    }
}
