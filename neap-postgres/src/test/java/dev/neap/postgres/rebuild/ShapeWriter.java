package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Names;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An application that changes a shape's rows while it is rebuilt, and does the same to a plain copy in the same
 * transaction. The copy stays in form 1.
 */
final class ShapeWriter implements AutoCloseable {
    static final String MIRROR = "mirror";
    /** What a busy database may answer, and a key that is taken already. */
    private static final Set<String> EXPECTED = Set.of("40001", "40P01", "55P03", "57014", "23505");

    private final PostgresServer server;
    private final String database;
    private final Shape shape;
    private final String table;
    private final String insertable;
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<String> findings = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::write, "shape writer");
    private volatile boolean stopping;
    private final AtomicInteger committed = new AtomicInteger();
    private int next = 50_000;

    ShapeWriter(PostgresServer server, String database, Shape shape) throws SQLException {
        this.server = server;
        this.database = database;
        this.shape = shape;
        this.table = Names.quote(shape.table());
        try (Connection c = server.connect(database);
                Statement s = c.createStatement()) {
            s.execute("CREATE TABLE " + MIRROR + " (LIKE " + table + " INCLUDING GENERATED)");
            insertable = text(s, """
                    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                    WHERE attrelid = 'mirror'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                    """);
            s.execute("INSERT INTO " + MIRROR + " (" + insertable + ") SELECT " + insertable + " FROM " + table);
            s.execute("CREATE INDEX ON " + MIRROR + " (id)");
        }
    }

    void start() {
        if (shape.writes()) {
            thread.start();
        }
    }

    int committed() {
        return committed.get();
    }

    /** What the application was refused, or did not find. */
    List<String> findings() {
        return findings;
    }

    /** Ends the writer; again it does nothing. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the writer did not end", e);
        }
    }

    private void write() {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement()) {
            s.execute("SET lock_timeout = '5s'");
            c.setAutoCommit(false);
            while (!stopping) {
                try {
                    once(s);
                    c.commit();
                    committed.incrementAndGet();
                } catch (SQLException e) {
                    c.rollback();
                    if (!EXPECTED.contains(e.getSQLState())) {
                        findings.add(e.getSQLState() + " " + e.getMessage());
                        return;
                    }
                }
                Thread.sleep(random.nextInt(4));
            }
        } catch (SQLException | InterruptedException e) {
            findings.add(e.toString());
        }
    }

    private void once(Statement s) throws SQLException {
        int steps = 1 + random.nextInt(3);
        for (int i = 0; i < steps; i++) {
            String id = text(s, "SELECT id FROM mirror OFFSET " + random.nextInt(500) + " LIMIT 1");
            switch (random.nextInt(5)) {
                case 0 -> both(s, "DELETE FROM {t} WHERE id = " + id);
                case 1 -> insert(s, id);
                case 2 -> move(s, id);
                default ->
                    both(
                            s,
                            "UPDATE {t} SET amount = amount + " + random.nextInt(1, 9)
                                    + " * CASE form WHEN 2 THEN 100 ELSE 1 END WHERE id = " + id);
            }
        }
    }

    private void move(Statement s, String id) throws SQLException {
        if (!shape.move().isEmpty()) {
            both(s, "UPDATE {t} SET " + shape.move() + " WHERE id = " + id);
        }
    }

    /** A new row like another, in form 1. Where the key is more than the id, it is made different too. */
    private void insert(Statement s, String like) throws SQLException {
        int id = next++;
        s.execute("CREATE TEMP TABLE one ON COMMIT DROP AS SELECT * FROM mirror WHERE id = " + like);
        s.execute("UPDATE one SET id = " + id + ", form = 1");
        if (insertable.matches(".*\\bu\\b.*")) {
            s.execute("UPDATE one SET u = md5(u::text || id)::uuid");
        }
        for (String into : List.of(MIRROR, table)) {
            s.execute("INSERT INTO " + into + " (" + insertable + ") OVERRIDING SYSTEM VALUE SELECT " + insertable
                    + " FROM one");
        }
        s.execute("DROP TABLE one");
    }

    private void both(Statement s, String sql) throws SQLException {
        int mirrored = s.executeUpdate(sql.replace("{t}", MIRROR));
        int live = s.executeUpdate(sql.replace("{t}", table));
        if (mirrored != live) {
            throw new SQLException(live + " rows in place of " + mirrored + ": " + sql, "NP999");
        }
    }

    /** The rows that the table must have by now, less those that it has, and the other way round; all without a form. */
    List<String> differences() throws SQLException {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement()) {
            s.execute("UPDATE mirror SET amount = amount * 100, form = 2");
            List<String> all = new ArrayList<>();
            String wanted = "SELECT to_jsonb(m)::text FROM mirror m";
            String there = "SELECT to_jsonb(m)::text FROM " + table + " m";
            for (String query : List.of(wanted + " EXCEPT ALL " + there, there + " EXCEPT ALL " + wanted)) {
                try (ResultSet rows = s.executeQuery(query + " LIMIT 3")) {
                    while (rows.next()) {
                        all.add((all.isEmpty() ? "" : "or ") + rows.getString(1));
                    }
                }
            }
            return all;
        }
    }

    /**
     * The same where rows may be in either form, the copy's in another than the table's: amounts are compared as they are
     * in form 2. Generated columns follow from the others.
     */
    List<String> differencesInEitherForm() throws SQLException {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement()) {
            List<String> all = new ArrayList<>();
            String row = "SELECT to_jsonb(r)::text FROM (SELECT " + insertable
                    + ", trim_scale(amount * CASE form WHEN 1 THEN 100 ELSE 1 END) AS amount, 0 AS form FROM ";
            String columns = insertable.replaceAll("(^|, )(amount|form)\\b", "").replaceAll("^, ", "");
            row = row.replace(insertable, columns);
            String wanted = row + MIRROR + ") AS r";
            String there = row + table + ") AS r";
            for (String query : List.of(wanted + " EXCEPT ALL " + there, there + " EXCEPT ALL " + wanted)) {
                try (ResultSet rows = s.executeQuery(query + " LIMIT 3")) {
                    while (rows.next()) {
                        all.add((all.isEmpty() ? "" : "or ") + rows.getString(1));
                    }
                }
            }
            return all;
        }
    }

    private static String text(Statement s, String query) throws SQLException {
        try (ResultSet row = s.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
