package dev.neap.backfill;

import java.nio.file.Path;
import java.util.Map;

/** An environment that a test made up. */
record FakeEnvironment(Map<String, String> variables, Path home) implements Environment {
    static final Path NOWHERE = Path.of("/nonexistent");

    static FakeEnvironment of(String... namesAndValues) {
        Map<String, String> variables = new java.util.HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            variables.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new FakeEnvironment(variables, NOWHERE);
    }

    @Override
    public String variable(String name) {
        return variables.get(name);
    }

    @Override
    public String userName() {
        return "ada";
    }
}
