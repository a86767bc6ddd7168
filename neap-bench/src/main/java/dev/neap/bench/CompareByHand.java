package dev.neap.bench;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/**
 * What a program does that compares two tables by itself: it reads both to the client, in the order of the key, and hashes
 * each row there. It looks at nothing again, so beside an application it would call rows wrong that are not.
 */
final class CompareByHand {
    private static final int FETCHED = 10_000;

    private CompareByHand() {}

    /**
     * Compares the rows of two queries.
     *
     * @param expected yields one text for each row
     * @param there the same of what is there, in the same order
     * @return how many rows are the same, one by one, up to the end of the shorter one
     */
    static long run(Connection one, String expected, Connection other, String there) throws SQLException {
        MessageDigest digest = sha256();
        long same = 0;
        one.setAutoCommit(false);
        other.setAutoCommit(false);
        try (Statement left = cursor(one);
                Statement right = cursor(other);
                ResultSet e = left.executeQuery(expected);
                ResultSet a = right.executeQuery(there)) {
            while (e.next() && a.next()) {
                if (Arrays.equals(hash(digest, e.getString(1)), hash(digest, a.getString(1)))) {
                    same++;
                }
            }
        }
        return same;
    }

    /** With autocommit the driver would read all of it into memory. */
    private static Statement cursor(Connection connection) throws SQLException {
        Statement statement = connection.createStatement();
        statement.setFetchSize(FETCHED);
        return statement;
    }

    private static byte[] hash(MessageDigest digest, String row) {
        return digest.digest(row.getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
