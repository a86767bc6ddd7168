package dev.neap.cli;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.run.Engine;

/** Makes what talks to one database. */
@FunctionalInterface
interface EngineFactory {
    Engine open(ConnectionTarget target);
}
