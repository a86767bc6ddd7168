package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.postgres.fill.ReadStatement.Reading;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the text of a statement shows of its readers. Where it leaves that open, they do not cope. */
class ReadStatementTest {
    private static Reading column(String sql) {
        return new ReadStatement(new SqlWords(sql), new TableName("public", "legacy")).of("short");
    }

    private static Reading rows(String sql) {
        return new ReadStatement(new SqlWords(sql), new TableName("public", "users")).ofRows();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT coalesce(short, $1) FROM legacy",
                "SELECT COALESCE(upper(l.short), l.full_name) FROM public.legacy AS l WHERE id = $1",
                "select \"legacy\".\"short\" from \"public\".\"legacy\" where \"legacy\".\"short\" is not null",
                "SELECT id FROM legacy WHERE short IS NULL",
                "SELECT id, short FROM legacy WHERE short IS DISTINCT FROM $1",
                "SELECT id FROM legacy WHERE $1 IS NOT DISTINCT FROM legacy.short",
                "SELECT num_nulls(short, full_name) FROM legacy",
                "UPDATE legacy SET full_name = coalesce(short, full_name)",
                "SELECT * FROM legacy WHERE short ISNULL",
                "SELECT $$it's$$, CASE WHEN short IS NULL THEN 'none' ELSE short END FROM legacy -- of a report"
            })
    void a_column_is_read_by_one_that_copes(String sql) {
        assertThat(column(sql)).isEqualTo(Reading.COPES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT short FROM legacy",
                "SELECT l.\"short\" FROM orders o JOIN legacy l ON l.id = o.of_user",
                "SELECT * FROM legacy WHERE id = $1",
                "SELECT l.* FROM legacy l",
                "SELECT coalesce(full_name, short) FROM legacy",
                "SELECT coalesce(full_name, short || $1) FROM legacy",
                "SELECT count(*) FROM legacy WHERE short = $1",
                "SELECT 'coalesce(short, 1)', short /* short IS NULL */ FROM legacy",
                "SELECT 1 FROM x WHERE EXISTS (SELECT FROM legacy WHERE short = $1)",
                "UPDATE legacy SET full_name = short WHERE id = $1",
                "UPDATE legacy SET full_name = $1 WHERE short = $2",
                "INSERT INTO copies (short) SELECT short FROM legacy",
                "INSERT INTO legacy (id, short) VALUES ($1, $2) RETURNING *",
                "DELETE FROM legacy WHERE short = $1",
                "CREATE TABLE copies AS SELECT short FROM legacy",
                "COPY public.legacy (id, short) TO stdout",
                "COPY legacy TO stdout",
                "TABLE legacy"
            })
    void a_column_is_read_without_a_word_for_null(String sql) {
        assertThat(column(sql)).isEqualTo(Reading.BARE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT full_name FROM legacy",
                "SELECT short FROM other",
                "SELECT short FROM audit.legacy",
                "SELECT o.short, l.id FROM orders o JOIN legacy l ON l.id = o.id",
                "SELECT o.* FROM orders o JOIN legacy l ON l.id = o.id",
                "SELECT count(*), left(full_name, $1) AS short FROM legacy",
                "SELECT 'short' FROM legacy",
                "INSERT INTO legacy (id, short) VALUES ($1, $2) RETURNING id",
                "INSERT INTO public.legacy AS l (id, short) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET id = $1,"
                        + " short = EXCLUDED.short",
                "UPDATE legacy SET full_name = $1, short = left($1, $2) WHERE id = $3",
                "UPDATE legacy SET (full_name, short) = ($1, $2) WHERE id = $3",
                "ALTER TABLE legacy ADD COLUMN short text",
                "COPY legacy (id, short) FROM stdin"
            })
    void a_column_is_not_read_at_all(String sql) {
        assertThat(column(sql)).isEqualTo(Reading.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT l.full_name, u.name FROM legacy l LEFT JOIN users u ON u.id = l.id",
                "SELECT u.name FROM legacy l FULL OUTER JOIN public.users u USING (id)",
                "SELECT coalesce((SELECT u.name FROM users u WHERE u.id = l.id), l.full_name) FROM legacy l",
                "SELECT id FROM legacy l WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = l.id)"
            })
    void rows_are_read_by_one_that_copes(String sql) {
        assertThat(rows(sql)).isEqualTo(Reading.COPES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT name FROM users WHERE id = $1",
                "SELECT name FROM ONLY users",
                "SELECT l.id FROM legacy l JOIN users u ON u.id = l.id",
                "SELECT l.id FROM legacy l, public.users u WHERE u.id = l.id",
                "SELECT u.name FROM users u LEFT JOIN legacy l ON u.id = l.id",
                "SELECT a.id FROM legacy l LEFT JOIN users u USING (id) UNION SELECT id FROM users",
                "COPY users TO stdout"
            })
    void rows_are_read_without_a_word_for_one_that_is_missing(String sql) {
        assertThat(rows(sql)).isEqualTo(Reading.BARE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT id FROM legacy",
                "INSERT INTO users (id, name) VALUES ($1, $2)",
                "INSERT INTO users SELECT id, full_name FROM legacy",
                "UPDATE users SET name = $1 WHERE id = $2",
                "DELETE FROM users WHERE id = $1",
                "SELECT users.name FROM other AS o",
                "VACUUM users"
            })
    void rows_are_not_read_at_all(String sql) {
        assertThat(rows(sql)).isEqualTo(Reading.NONE);
    }

    @Test
    void what_is_shown_of_a_statement_has_no_texts_and_no_comments_and_is_short() {
        assertThat(new SqlWords("/* web */ SELECT short\n  FROM legacy WHERE mail = 'ada@example.org' -- hers").shown())
                .isEqualTo("SELECT short FROM legacy WHERE mail = '…'");
        assertThat(new SqlWords("SELECT E'it\\'s', $x$ 'a' $x$ FROM legacy").shown())
                .isEqualTo("SELECT '…', '…' FROM legacy");
        assertThat(new SqlWords("SELECT " + "short, ".repeat(100)).shown())
                .hasSize(101)
                .endsWith("…");
    }
}
