package dev.neap.mysql.query;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A text that is put between parentheses stays between them. */
class OneExpressionTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "upper(name)",
                "'it''s (' ",
                "'a\\') '",
                "\"b;\"",
                "`odd;(name`",
                "a -- comment )",
                "a # comment )",
                "a /* ; ) */ + 1",
                "(SELECT f.n FROM f WHERE f.id = id)"
            })
    void one_expression_is_taken(String sql) {
        assertThat(OneExpression.objection(sql)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a; DROP TABLE t",
                "a) OR (1",
                "(a",
                "'a\\'",
                "\"a",
                "`a",
                "a /* b",
                "a /*! ) */",
                "a /*M! ) */",
                "a--1)"
            })
    void whatever_could_leave_its_parentheses_is_refused(String sql) {
        assertThat(OneExpression.objection(sql)).isPresent();
    }
}
