package dev.neap.cli;

import dev.neap.backfill.Environment;
import java.io.BufferedReader;
import java.io.PrintStream;
import java.time.Clock;
import java.util.function.IntSupplier;

/**
 * What a command is given from outside. Tests make up their own.
 *
 * @param terminal whether a person sits at it: input and output are a terminal
 * @param width the terminal's columns
 * @param engines how a database is reached
 */
record World(
        Environment environment,
        PrintStream out,
        PrintStream err,
        BufferedReader in,
        boolean terminal,
        IntSupplier width,
        Clock clock,
        EngineFactory engines) {}
