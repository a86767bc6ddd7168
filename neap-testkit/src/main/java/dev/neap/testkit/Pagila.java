package dev.neap.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Collections;
import java.util.Optional;

/** The Pagila sample database, where it has been put beside this repository: real data, not shipped with it. */
public final class Pagila {
    private Pagila() {}

    /** Where it is: `data/pagila` in the folder that the system property `neap.shared` names. Empty when not there. */
    public static Optional<Path> folder() {
        String shared = System.getProperty("neap.shared");
        return Optional.ofNullable(shared)
                .map(folder -> Path.of(folder, "data", "pagila"))
                .filter(folder -> Files.exists(folder.resolve("pagila-data.sql")));
    }

    /** Loads all of it into an empty database. */
    public static void load(Connection connection, Path folder) throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(script(Files.readString(folder.resolve("pagila-schema.sql"))));
            StringBuilder sql = new StringBuilder();
            try (BufferedReader lines = Files.newBufferedReader(folder.resolve("pagila-data.sql"))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("COPY ")) {
                        statement.execute(script(sql.toString()));
                        sql.setLength(0);
                        copy(connection, line, lines);
                    } else {
                        sql.append(line).append('\n');
                    }
                }
            }
            statement.execute(script(sql.toString()));
            statement.execute("SET search_path = public");
        }
    }

    /** Without psql's own commands. */
    private static String script(String sql) {
        return sql.replaceAll("(?m)^\\\\.*$", "");
    }

    /** As inserts: pgjdbc's own types cannot be compiled against without its annotations. */
    private static void copy(Connection connection, String command, BufferedReader lines)
            throws SQLException, IOException {
        String target = command.substring("COPY ".length(), command.lastIndexOf(" FROM "));
        int columns = target.split(",").length;
        String values = String.join(", ", Collections.nCopies(columns, "?"));
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO " + target + " VALUES (" + values + ")")) {
            for (String line = lines.readLine(); line != null && !line.equals("\\."); line = lines.readLine()) {
                String[] fields = line.split("\t", -1);
                for (int i = 0; i < columns; i++) {
                    String text = fields[i].equals("\\N") ? null : fields[i].translateEscapes();
                    insert.setObject(i + 1, text, Types.OTHER);
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }
}
