package dev.neap.testkit.fill;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** MariaDB's. */
final class MariaDbWords implements Words {
    private static final int DUPLICATE = 1062;

    private final boolean walksUuids;

    /**
     * @param walksUuids whether a key of `uuid` can be walked; where not, the same texts are the key
     */
    MariaDbWords(boolean walksUuids) {
        this.walksUuids = walksUuids;
    }

    @Override
    public List<FillShape> shapes() {
        return List.of(
                FillShape.COLUMN,
                FillShape.COLUMN_ONCE,
                FillShape.COLUMN_FROM_OTHER,
                FillShape.TABLE,
                FillShape.TABLE_WHERE);
    }

    @Override
    public String keyType(KeyKind kind, int column) {
        return switch (kind) {
            case BIGINT, NEGATIVE -> "bigint";
            case UUIDS -> walksUuids ? "uuid" : "char(36)";
            case COMPOSITE -> column == 0 ? "int" : "varchar(40)";
            // Neither letters nor accents tell two texts apart.
            case TEXT -> "varchar(40) COLLATE utf8mb4_swedish_ci";
            case TIMESTAMPS -> "datetime(6)";
            case BYTES -> "varbinary(12)";
        };
    }

    @Override
    public String keyPart(KeyKind kind, String part) {
        return switch (kind) {
            case TIMESTAMPS -> part.replace("+00", "");
            case BYTES -> part.substring(2).toUpperCase(Locale.ROOT);
            default -> part;
        };
    }

    @Override
    public String keyParameter(KeyKind kind, int column) {
        return kind == KeyKind.BYTES ? "unhex(?)" : "?";
    }

    @Override
    public String keyText(KeyKind kind, String column) {
        return kind == KeyKind.BYTES ? "hex(" + column + ")" : "CAST(" + column + " AS CHAR)";
    }

    @Override
    public String momentType() {
        return "datetime(6)";
    }

    @Override
    public String listType() {
        return "text";
    }

    @Override
    public String listParameter() {
        return "?";
    }

    @Override
    public String moment(String version) {
        return "timestamp '2024-01-01 00:00:00' + INTERVAL " + version + " SECOND";
    }

    @Override
    public String version(String moment) {
        return "timestampdiff(SECOND, timestamp '2024-01-01 00:00:00', " + moment + ")";
    }

    @Override
    public String word(String text, int which) {
        return "substring_index(" + text + ", ' ', " + (which == 1 ? 1 : -1) + ")";
    }

    @Override
    public String upsert(String key, List<String> columns) {
        return " ON DUPLICATE KEY UPDATE "
                + columns.stream().map(c -> c + " = VALUES(" + c + ")").collect(Collectors.joining(", "));
    }

    @Override
    public String text(String number) {
        return "CAST(" + number + " AS CHAR)";
    }

    @Override
    public List<String> settings() {
        return List.of("SET SESSION innodb_lock_wait_timeout = 10, SESSION max_statement_time = 30");
    }

    @Override
    public List<String> begin(String isolation) {
        return List.of("SET TRANSACTION ISOLATION LEVEL " + isolation, "START TRANSACTION");
    }

    @Override
    public List<String> analyze(List<String> tables) {
        return List.of("ANALYZE TABLE " + String.join(", ", tables));
    }

    /** Rows lie in the order of their key, and a fill goes along it. */
    @Override
    public String newestFirst(List<String> key) {
        return key.stream().map(column -> column + " DESC").collect(Collectors.joining(", "));
    }

    @Override
    public boolean duplicate(SQLException e) {
        return e.getErrorCode() == DUPLICATE;
    }

    @Override
    public String sessions() {
        return "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()";
    }
}
