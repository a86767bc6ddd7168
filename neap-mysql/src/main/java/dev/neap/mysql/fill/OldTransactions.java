package dev.neap.mysql.fill;

import dev.neap.mysql.query.Query;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Transactions that may have met a row of the target before the fill put it there. InnoDB does not tell of a transaction
 * which tables it uses, so every one that has locked anything counts; its start is known to the second, and rounded down,
 * and in the server's local time: of the two hours that have one name in autumn the earlier is meant.
 */
final class OldTransactions {
    private OldTransactions() {}

    /** Those that began before the last row was put in, in words; empty when there are none. */
    static String sinceBefore(Connection c, long run) throws SQLException {
        return String.join("; ", Query.texts(c, """
                SELECT concat('session ', t.trx_mysql_thread_id, ' of ', coalesce(p.user, '?'), ', in a transaction for ',
                              timestampdiff(SECOND, t.trx_started, convert_tz(sysdate(), '+00:00', 'SYSTEM')), ' s')
                FROM information_schema.innodb_trx t
                LEFT JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
                WHERE t.trx_mysql_thread_id <> connection_id() AND (t.trx_lock_structs > 0 OR t.trx_rows_modified > 0)
                  AND coalesce(
                      convert_tz(t.trx_started, 'SYSTEM', '+00:00') - INTERVAL IF(
                          convert_tz(convert_tz(t.trx_started, 'SYSTEM', '+00:00') - INTERVAL 1 HOUR, '+00:00', 'SYSTEM')
                              = t.trx_started, 1, 0) HOUR
                      <= coalesce((SELECT last_insert FROM neap.fill WHERE run_id = %d), sysdate(6)), true)
                ORDER BY t.trx_started LIMIT 5
                """.formatted(run)));
    }
}
