package dev.neap.verify;

import java.time.Duration;
import java.util.List;

/**
 * Which rows a verification compares, and by what.
 *
 * @param scope which
 * @param watch for {@link Scope#WRITTEN} how long the application is given to write, over zero; else zero
 * @param fix what is done with rows that differ; something only where all are compared
 * @param partitions of a rebuild which of its partitions, each as `name` or `schema.name`; empty for all
 */
public record VerifyRequest(Scope scope, Duration watch, Fix fix, List<String> partitions) {
    /** Every row. */
    public static final VerifyRequest EVERY_ROW = new VerifyRequest(Scope.EVERY_ROW, Duration.ZERO);

    /** Random rows. */
    public static final VerifyRequest SAMPLE = new VerifyRequest(Scope.SAMPLE, Duration.ZERO);

    /** Aggregates of all rows. */
    public static final VerifyRequest AGGREGATES = new VerifyRequest(Scope.AGGREGATES, Duration.ZERO);

    /** Which rows are compared. */
    public enum Scope {
        /** All of them. */
        EVERY_ROW,
        /** As many random ones as the claim needs. */
        SAMPLE,
        /** All of them, by their aggregates alone. */
        AGGREGATES,
        /** Those that somebody has written since a moment: the proof that an application writes both places. */
        WRITTEN
    }

    /** What is done with rows that differ. */
    public enum Fix {
        /** They are reported. */
        NONE,
        /** And mended. */
        MEND,
        /** And the SQL that would mend them is written down. */
        PRINT
    }

    /** One that mends nothing. */
    public VerifyRequest(Scope scope, Duration watch) {
        this(scope, watch, Fix.NONE, List.of());
    }

    /** Every row, and what is done with those that differ. */
    public static VerifyRequest everyRow(Fix fix) {
        return new VerifyRequest(Scope.EVERY_ROW, Duration.ZERO, fix, List.of());
    }

    /** The same of these partitions of a rebuild; none for all. */
    public VerifyRequest of(List<String> some) {
        return new VerifyRequest(scope, watch, fix, some);
    }

    public VerifyRequest {
        partitions = List.copyOf(partitions);
        if (fix != Fix.NONE && scope != Scope.EVERY_ROW) {
            throw new IllegalArgumentException("only where every row is compared are rows mended");
        }
        if (watch.isNegative() || (scope == Scope.WRITTEN) == watch.isZero()) {
            throw new IllegalArgumentException("writes are watched for a time, and nothing else is");
        }
    }
}
