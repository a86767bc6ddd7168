package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The disk that a server keeps its data on. No server tells of it in SQL; where it is on this machine it is looked at. */
public final class ServerDisk {
    /** The same address at both ends, or a local socket: the server is here. */
    private static final String HERE = """
            SELECT current_setting('data_directory', true)
            WHERE (inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr())
              AND pg_has_role('pg_read_all_settings', 'USAGE')
            """;

    private ServerDisk() {}

    /** That of the server's data folder; empty where the server is elsewhere, or the role may not know where it is. */
    public static Optional<FileStore> of(Connection connection) throws SQLException {
        return folder(connection).flatMap(ServerDisk::at);
    }

    /** The server's data folder on this machine; empty likewise. */
    public static Optional<Path> folder(Connection connection) throws SQLException {
        return Query.of(connection, HERE)
                .first(row -> row.getString(1))
                .map(Path::of)
                .filter(Files::isDirectory);
    }

    private static Optional<FileStore> at(Path folder) {
        try {
            return Optional.of(Files.getFileStore(folder));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
