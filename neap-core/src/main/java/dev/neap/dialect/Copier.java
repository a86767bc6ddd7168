package dev.neap.dialect;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.plan.Plan;
import dev.neap.rehearse.Copied;
import dev.neap.rehearse.CopyRequest;
import java.util.function.Consumer;

/** Copies what a rehearsal needs to another server. Reads in one read-only transaction; rows are streamed. */
public interface Copier {
    /**
     * Copies the definitions that the backfill needs, and some rows.
     *
     * @param plan compiled a moment ago, by this server
     * @param to an empty database
     * @param tell hears what goes on, line by line
     * @throws NeapException USAGE when an omitted column is not there or is needed; STOP when something cannot be copied
     */
    Copied copy(Plan plan, ConnectionTarget to, CopyRequest request, Consumer<String> tell);
}
