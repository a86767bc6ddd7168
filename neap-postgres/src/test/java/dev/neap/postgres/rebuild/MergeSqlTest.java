package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.postgres.shadow.KeyColumn;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The statements of a merge, word for word: names that need quotes, a key of two columns, a value with a quote. */
class MergeSqlTest {
    private final MergeSql sql = new MergeSql(
            new UnitNames(3, 17, new TableName("public", "My \"Events\"")),
            List.of("day", "Id", "amount", "form"),
            List.of("amount", "form"),
            List.of(new KeyColumn("day", "day", "date", "="), new KeyColumn("Id", "\"Id\"", "text", "=")));

    @Test
    void a_batch_ends_at_a_key_that_is_read_without_a_lock() {
        assertThat(sql.upper(null, 500))
                .isEqualTo("""
                SELECT (day)::text, ("Id")::text FROM (SELECT day, "Id" FROM ONLY "neap_work_3"."My ""Events""\""""
                        + " AS shadow ORDER BY day, \"Id\" LIMIT 500) AS batch ORDER BY day DESC, \"Id\" DESC LIMIT 1");
        assertThat(sql.upper(List.of("2026-01-01", "o'b"), 500))
                .contains(
                        " WHERE (shadow.day, shadow.\"Id\") > (CAST('2026-01-01' AS date), CAST('o''b' AS text)) ORDER BY");
    }

    @Test
    void only_rows_that_differ_are_locked_and_nobody_is_waited_for() {
        assertThat(sql.lock(List.of("2026-01-01", "a"), List.of("2026-01-02", "b")))
                .isEqualTo("""
                SELECT live.ctid::text FROM ONLY "public"."My ""Events""\" AS live JOIN ONLY "neap_work_3"."My ""Events""\" AS shadow\
                 ON live.day = shadow.day AND live."Id" = shadow."Id"
                WHERE (shadow.day, shadow."Id") > (CAST('2026-01-01' AS date), CAST('a' AS text))\
                 AND (shadow.day, shadow."Id") <= (CAST('2026-01-02' AS date), CAST('b' AS text))\
                 AND (live.day, live."Id") > (CAST('2026-01-01' AS date), CAST('a' AS text))\
                 AND (live.day, live."Id") <= (CAST('2026-01-02' AS date), CAST('b' AS text))
                  AND ROW(live."amount", live."form")::record *<> ROW(shadow."amount", shadow."form")::record
                ORDER BY live.day, live."Id"
                FOR NO KEY UPDATE OF live SKIP LOCKED""");
    }

    @Test
    void only_columns_that_differ_of_locked_rows_without_a_pending_change_are_written() {
        assertThat(sql.update(List.of("(0,1)", "(7,12)"))).isEqualTo("""
                UPDATE ONLY "public"."My ""Events""\" AS live SET "amount" = CASE WHEN ROW(live."amount")::record *<>\
                 ROW(shadow."amount")::record THEN shadow."amount" ELSE live."amount" END, "form" = CASE WHEN\
                 ROW(live."form")::record *<> ROW(shadow."form")::record THEN shadow."form" ELSE live."form" END
                FROM ONLY "neap_work_3"."My ""Events""\" AS shadow
                WHERE live.ctid = ANY ('{"(0,1)","(7,12)"}'::tid[]) AND live.day = shadow.day AND live."Id" = shadow."Id"
                  AND ROW(live."amount", live."form")::record *<> ROW(shadow."amount", shadow."form")::record
                  AND NOT EXISTS (SELECT FROM neap.changes_17 AS change WHERE change.neap_k0 = live.day AND\
                 change.neap_k1 = live."Id")""");
    }

    @Test
    void at_the_end_whole_rows_are_compared_but_for_those_that_changed_since() {
        assertThat(sql.differences())
                .contains("ROW(\"day\", \"Id\", \"amount\", \"form\")::record AS kept")
                .contains("FULL JOIN")
                .endsWith("NOT EXISTS (SELECT FROM neap.changes_17 AS change WHERE change.neap_k0 ="
                        + " coalesce(live.neap_k0, shadow.neap_k0) AND change.neap_k1 = coalesce(live.neap_k1,"
                        + " shadow.neap_k1))");
    }
}
