package dev.neap.dialect;

import dev.neap.backfill.ConnectionTarget;

/** One kind of database engine. Stateless. */
public interface Dialect {
    /** The URL's scheme: `postgresql`. */
    String engine();

    /**
     * Reaches a server.
     *
     * @throws NeapException USAGE when it cannot be reached or refuses the credentials; STOP when its version is unknown
     */
    Database open(ConnectionTarget target, Tuning tuning);
}
