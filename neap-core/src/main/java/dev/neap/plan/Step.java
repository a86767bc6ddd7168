package dev.neap.plan;

/** The steps of one unit, in order. A unit's row in the control tables names the step that it is in. */
public enum Step {
    FINGERPRINT("fingerprint"),
    SHADOW("shadow"),
    CAPTURE("capture"),
    LOAD("load"),
    INDEX("index"),
    DRAIN("drain"),
    VERIFY("verify"),
    SWAP("swap"),
    MERGE("merge"),
    SETTLE("settle"),
    /** A fill's only step. */
    FILL("fill");

    private final String label;

    Step(String label) {
        this.label = label;
    }

    /** As it is stored and shown. */
    public String label() {
        return label;
    }

    /** The step with this label. */
    public static Step of(String label) {
        for (Step step : values()) {
            if (step.label.equals(label)) {
                return step;
            }
        }
        throw new IllegalArgumentException("no step is called " + label);
    }
}
