package dev.neap.postgres.planning;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OneExpressionTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "amount * 2",
                "(a + b) * (c - (d))",
                "'a ; ) string'",
                "'it''s; )'",
                "E'a\\'; ) b'",
                "\"a;)\" || $$ ; ) $$ || $q$ $$ ; ( $q$",
                "a /* ; ) /* nested */ ( */ + 1",
                "a -- ; )\n + 1",
                "a -- to the end )",
                "data -> 'x' ?| array['b']",
                "date'2024-01-01'",
                "coalesce(name, '')"
            })
    void accepts_what_stays_between_its_parentheses(String sql) {
        assertThat(OneExpression.objection(sql)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  \n",
                "1; DROP TABLE t",
                "1) FROM t; DROP TABLE t; SELECT (1",
                "1) + (1",
                "(1",
                "1)",
                "'open",
                "\"open",
                "$$open",
                "$a$ open $b$",
                "/* open /* */",
                "a -- ends here\r) ; DROP TABLE t",
                "E'a'\n'b\\''  ; DROP TABLE t; --'",
                "E'a' -- more\n 'b\\''  ; DROP TABLE t; --'",
                "1E'\\'' ; DROP TABLE t --'",
                "1$$ ' $$ ; DROP TABLE t; -- '",
                "a = $1",
                "a\0b"
            })
    void refuses_what_could_leave_them(String sql) {
        assertThat(OneExpression.objection(sql)).isPresent();
    }
}
