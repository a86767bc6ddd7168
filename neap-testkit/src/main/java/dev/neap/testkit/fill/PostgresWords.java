package dev.neap.testkit.fill;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** PostgreSQL's. */
final class PostgresWords implements Words {
    @Override
    public List<FillShape> shapes() {
        return List.of(FillShape.values());
    }

    @Override
    public String keyType(KeyKind kind, int column) {
        return kind.types().get(column);
    }

    @Override
    public String keyPart(KeyKind kind, String part) {
        return part;
    }

    @Override
    public String keyParameter(KeyKind kind, int column) {
        return "CAST(? AS " + kind.types().get(column).split(" ", 2)[0] + ")";
    }

    @Override
    public String keyText(KeyKind kind, String column) {
        return column + "::text";
    }

    @Override
    public String momentType() {
        return "timestamptz";
    }

    @Override
    public String listType() {
        return "text[]";
    }

    @Override
    public String listParameter() {
        return "CAST(? AS text[])";
    }

    @Override
    public String moment(String version) {
        return "timestamptz '2024-01-01 00:00:00Z' + " + version + " * interval '1 second'";
    }

    @Override
    public String version(String moment) {
        return "extract(epoch FROM " + moment + " - timestamptz '2024-01-01 00:00:00Z')::bigint";
    }

    @Override
    public String word(String text, int which) {
        return "split_part(" + text + ", ' ', " + which + ")";
    }

    @Override
    public String upsert(String key, List<String> columns) {
        return " ON CONFLICT (" + key + ") DO UPDATE SET "
                + columns.stream().map(c -> c + " = excluded." + c).collect(Collectors.joining(", "));
    }

    @Override
    public String text(String number) {
        return number + "::text";
    }

    @Override
    public List<String> settings() {
        return List.of("SET lock_timeout = '10s'; SET statement_timeout = '30s'; SET timezone = 'UTC'");
    }

    @Override
    public List<String> begin(String isolation) {
        return List.of("BEGIN ISOLATION LEVEL " + isolation);
    }

    @Override
    public List<String> analyze(List<String> tables) {
        return List.of("ANALYZE");
    }

    @Override
    public String newestFirst(List<String> key) {
        return "ctid DESC";
    }

    @Override
    public boolean duplicate(SQLException e) {
        return "23505".equals(e.getSQLState());
    }

    @Override
    public String sessions() {
        return "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client"
                + " backend' AND pid <> pg_backend_pid()";
    }
}
