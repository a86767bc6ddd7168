package dev.neap.bench;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;

/** The shortest way in Java by hand: one COPY out, one COPY into a temporary table, and one INSERT. It closes no race. */
final class CopyByHand {
    private CopyByHand() {}

    static void run(Connection from, Connection into) throws SQLException {
        into.setAutoCommit(false);
        try (Statement s = into.createStatement()) {
            s.execute("CREATE TEMPORARY TABLE made (id bigint, first_name text, last_name text, email text)"
                    + " ON COMMIT DROP");
            copy(manager(from), manager(into));
            s.execute("INSERT INTO users SELECT * FROM made ON CONFLICT (id) DO NOTHING");
            into.commit();
        }
    }

    private static CopyManager manager(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getCopyAPI();
    }

    /** The values hold nothing that COPY would escape. */
    private static void copy(CopyManager from, CopyManager into) throws SQLException {
        CopyOut out = from.copyOut("COPY (SELECT id, full_name, email FROM users_legacy) TO STDOUT");
        CopyIn in = into.copyIn("COPY made FROM STDIN");
        for (byte[] line = out.readFromCopy(); line != null; line = out.readFromCopy()) {
            String[] row = new String(line, StandardCharsets.UTF_8).strip().split("\t", -1);
            int blank = row[1].indexOf(' ');
            byte[] made = (row[0] + "\t" + row[1].substring(0, blank) + "\t" + row[1].substring(blank + 1) + "\t"
                            + row[2].toLowerCase(Locale.ROOT) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
            in.writeToCopy(made, 0, made.length);
        }
        in.endCopy();
    }
}
