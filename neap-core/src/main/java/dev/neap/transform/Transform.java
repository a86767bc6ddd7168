package dev.neap.transform;

/**
 * What a fill makes of its source's rows, in Java: a {@link RowTransform}, or a {@link BatchTransform} where a call costs
 * much, such as one to a service. A class named in a backfill file is public and has a public constructor without
 * parameters. Neap makes an instance for each of its threads at work, and one thread at a time uses it; where it is
 * {@link AutoCloseable} it is closed in the end.
 *
 * <p>A row may be given more than once: after a crash, when it has changed meanwhile, and as it was before a change. So the
 * same columns must yield the same rows, and nothing else may change by it. No transaction and no lock of Neap's is open
 * meanwhile.
 */
public sealed interface Transform permits RowTransform, BatchTransform {
    /** Which columns are read and written; the same at every call. */
    Schema schema();
}
