package dev.neap.testkit.fill;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;

/** A server that histories are played on, and the words of its engine. */
public interface FillEngine {
    /** Product and version, for people. */
    String name();

    /** Makes an empty database; one of that name that is already there goes. */
    void createDatabase(String database);

    Connection connect(String database) throws SQLException;

    /** What Neap connects to. */
    ConnectionTarget target(String database);

    /** The same as a backfill file has it. */
    String url(String database);

    /** How the engine says what is not said alike everywhere. */
    Words words();

    /** PostgreSQL. */
    static FillEngine of(PostgresServer server) {
        return new FillEngine() {
            @Override
            public String name() {
                return "PostgreSQL " + server.major();
            }

            @Override
            public void createDatabase(String database) {
                server.createDatabase(database);
            }

            @Override
            public Connection connect(String database) throws SQLException {
                return server.connect(database);
            }

            @Override
            public ConnectionTarget target(String database) {
                return server.target(database);
            }

            @Override
            public String url(String database) {
                return "postgresql://" + PostgresServer.ADMIN + "@localhost:" + server.port() + "/" + database;
            }

            @Override
            public Words words() {
                return new PostgresWords();
            }
        };
    }

    /** MariaDB. */
    static FillEngine of(MariaDbServer server) {
        return new FillEngine() {
            @Override
            public String name() {
                return server.name();
            }

            @Override
            public void createDatabase(String database) {
                server.createDatabase(database);
            }

            @Override
            public Connection connect(String database) throws SQLException {
                return server.connect(database);
            }

            @Override
            public ConnectionTarget target(String database) {
                return server.target(database);
            }

            @Override
            public String url(String database) {
                return server.url(database);
            }

            @Override
            public Words words() {
                return new MariaDbWords(server.walksUuids());
            }
        };
    }
}
