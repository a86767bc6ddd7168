package dev.neap.postgres.shadow;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Walks a definition through its phases, as the swap will. */
final class Rebuilds {
    private Rebuilds() {}

    static long oid(Connection connection, String table) throws SQLException {
        return Long.parseLong(texts(connection, "SELECT '" + table.replace("'", "''") + "'::regclass::oid")
                .get(0));
    }

    static ShadowDefinition definition(Connection connection, String leaf, String parent) throws SQLException {
        return definition(connection, leaf, parent, Everything.WORK, Everything.KEPT);
    }

    static ShadowDefinition definition(Connection connection, String leaf, String parent, String work, String kept)
            throws SQLException {
        return ShadowDefinition.read(connection, oid(connection, leaf), oid(connection, parent), work, kept);
    }

    /** Everything up to the swap: the shadow holds the live rows. */
    static void build(Connection connection, ShadowDefinition shadow) throws SQLException {
        run(connection, shadow.create());
        String columns = RowShape.read(connection, shadow.liveOid()).columns().stream()
                .map(Everything::quoted)
                .collect(Collectors.joining(", "));
        run(
                connection,
                "INSERT INTO " + shadow.shadow() + " (" + columns + ") SELECT " + columns + " FROM " + shadow.name());
        for (IndexBuild index : shadow.indexes()) {
            transaction(connection, index.statements());
        }
        prove(connection, shadow);
        run(connection, shadow.checks());
        run(connection, "VACUUM (ANALYZE) " + shadow.shadow());
    }

    /** What undo does too. */
    static void prove(Connection connection, ShadowDefinition shadow) throws SQLException {
        for (ForeignKey key : shadow.foreignKeys()) {
            run(connection, key.addSql());
            run(connection, key.validateSql().stream().toList());
        }
        run(connection, shadow.boundCheck());
        if (shadow.defaultCheck().isPresent()) {
            run(connection, shadow.defaultCheck().get().statements());
        }
    }

    static List<String> swap(ShadowDefinition shadow) {
        List<String> all = new ArrayList<>();
        all.addAll(locks(shadow));
        all.addAll(shadow.swap());
        shadow.defaultCheck().ifPresent(check -> all.add(check.dropSql()));
        return all;
    }

    static List<String> locks(ShadowDefinition shadow) {
        return shadow.locks().stream()
                .filter(lock -> !lock.sequence())
                .map(LockNeed::sql)
                .toList();
    }

    static void transaction(Connection connection, List<String> statements) throws SQLException {
        run(connection, "BEGIN");
        run(connection, statements);
        run(connection, "COMMIT");
    }

    static void run(Connection connection, List<String> statements) throws SQLException {
        for (String sql : statements) {
            run(connection, sql);
        }
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new SQLException(e.getMessage() + "\nin: " + sql, e.getSQLState(), e);
        }
    }

    static List<String> texts(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        }
    }
}
