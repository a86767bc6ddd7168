package dev.neap.postgres.fill;

import dev.neap.dialect.Difference;
import dev.neap.dialect.TableVerifier.Looked;
import dev.neap.postgres.fill.VerifySql.Lock;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads both sides of a verification, within somebody's transaction. */
final class TwoSides {
    private final VerifySql sql;
    private final int keyColumns;

    TwoSides(VerifySql sql, int keyColumns) {
        this.sql = sql;
        this.keyColumns = keyColumns;
    }

    /** What differs of some rows, by key. */
    Map<List<String>, List<Difference>> differing(Statement s, List<List<String>> keys) throws SQLException {
        Map<List<String>, List<Difference>> differing = new HashMap<>();
        differences(s, sql.differences(keys))
                .forEach(one -> differing
                        .computeIfAbsent(one.key(), unused -> new ArrayList<>())
                        .add(one));
        return differing;
    }

    List<Difference> differences(Statement s, String query) throws SQLException {
        List<Difference> found = new ArrayList<>();
        try (ResultSet rs = s.executeQuery(query)) {
            while (rs.next()) {
                boolean extra = rs.getBoolean(keyColumns + 1);
                boolean missing = rs.getBoolean(keyColumns + 2);
                found.add(new Difference(
                        extra ? Difference.Kind.EXTRA : missing ? Difference.Kind.MISSING : Difference.Kind.WRONG,
                        FillSession.texts(rs, keyColumns),
                        extra || missing
                                ? List.of()
                                : Objects.requireNonNull(FillSession.array(rs, keyColumns + 3), "an array of names"),
                        "",
                        rs.getString(keyColumns + 4)));
            }
        }
        return found;
    }

    /** A row that cannot be computed. */
    static Looked failed(List<String> key, String cause) {
        return new Looked(
                Set.of(), Map.of(key, List.of(new Difference(Difference.Kind.FAILED, key, List.of(), cause, cause))));
    }

    /** Locks some rows on both sides, but for those that somebody else has locked, and yields the keys of these. */
    Set<List<String>> busy(Statement s, List<List<String>> keys, Lock written) throws SQLException {
        Set<List<String>> busy = busy(s, sql.lockWalked(keys, written), sql.walked(keys));
        busy.addAll(busy(s, sql.lockTarget(keys, written), sql.target(keys)));
        return busy;
    }

    private Set<List<String>> busy(Statement s, @Nullable String lock, @Nullable String look) throws SQLException {
        Set<List<String>> busy = new HashSet<>();
        if (lock == null || look == null) {
            return busy;
        }
        Map<List<String>, Integer> locked = new HashMap<>();
        keys(s, lock).forEach(key -> locked.merge(key, 1, Integer::sum));
        keys(s, look).forEach(key -> {
            if (locked.merge(key, -1, Integer::sum) < 0) {
                busy.add(key);
            }
        });
        return busy;
    }

    List<List<String>> keys(Statement s, String query) throws SQLException {
        List<List<String>> keys = new ArrayList<>();
        try (ResultSet rs = s.executeQuery(query)) {
            while (rs.next()) {
                keys.add(FillSession.texts(rs, keyColumns));
            }
        }
        return keys;
    }
}
