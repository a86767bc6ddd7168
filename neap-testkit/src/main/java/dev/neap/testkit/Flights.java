package dev.neap.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** 300,000 flights of the first half of 2001, where they have been put beside this repository: real data, not shipped. */
public final class Flights {
    private static final int AT_ONCE = 20_000;

    private Flights() {}

    /** Where they are: `data/flights-300k.csv.gz` in the folder that the system property `neap.shared` names. */
    public static Optional<Path> file() {
        return Optional.ofNullable(System.getProperty("neap.shared"))
                .map(folder -> Path.of(folder, "data", "flights-300k.csv.gz"))
                .filter(Files::exists);
    }

    /** Makes a table of them without any key: id, scheduled_at, delay (minutes), distance, origin, destination. */
    public static void load(Connection connection, Path file, String table) throws SQLException, IOException {
        try (Statement s = connection.createStatement()) {
            s.execute("CREATE TABLE " + table
                    + " (id int, scheduled_at timestamp, delay int, distance int, origin text," + " destination text)");
        }
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            lines.readLine();
            List<String> some = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                some.add(line);
                if (some.size() == AT_ONCE) {
                    insert(connection, table, some);
                }
            }
            insert(connection, table, some);
        }
    }

    private static void insert(Connection connection, String table, List<String> lines) throws SQLException {
        try (PreparedStatement s = connection.prepareStatement("INSERT INTO " + table + """
                 SELECT f[1]::int, f[2]::timestamp, f[3]::int, f[4]::int, f[5], f[6]
                FROM (SELECT string_to_array(line, ',') AS f FROM unnest(?) AS line) AS parsed
                """)) {
            s.setArray(1, connection.createArrayOf("text", lines.toArray()));
            s.execute();
        }
        lines.clear();
    }
}
