package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.neap.dialect.NeapException;
import dev.neap.verify.Assertion;
import dev.neap.verify.VerifyReport;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** The file's own assertions are asked when a fill is verified. */
class VerifyAssertionsTest {
    private static final String FILL = """
            fill: { into: pay, set: { net: gross - fee } }
            assert:
              adds up: SELECT coalesce(sum(gross - fee), 0) = coalesce(sum(net), 0) FROM pay
              none below zero: SELECT NOT EXISTS (SELECT FROM pay WHERE net < 0)
            """;

    private static FillDatabase database() throws SQLException {
        FillDatabase db = FillDatabase.create();
        db.execute(
                "CREATE TABLE pay (id int PRIMARY KEY, gross numeric NOT NULL, fee numeric NOT NULL, net numeric)",
                "INSERT INTO pay SELECT n, n, 0.5, n - 0.5 FROM generate_series(1, 100) n");
        return db;
    }

    @Test
    void each_says_whether_it_holds_and_one_that_does_not_is_no_proof() throws Exception {
        try (FillDatabase db = database()) {
            assertThat(db.verify(FILL).proved()).isTrue();
            db.execute("UPDATE pay SET gross = 0, net = -0.5 WHERE id = 7");

            VerifyReport report = db.verify(FILL);

            assertThat(report.tables()).allMatch(table -> table.proved());
            assertThat(report.assertions())
                    .extracting(Assertion::name, Assertion::holds)
                    .containsExactly(tuple("adds up", true), tuple("none below zero", false));
            assertThat(report.proved()).isFalse();
        }
    }

    @Test
    void one_that_cannot_be_run_or_would_write_is_refused_by_name() throws Exception {
        try (FillDatabase db = database()) {
            assertThatThrownBy(() -> db.verify("""
                            fill: { into: pay, set: { net: gross - fee } }
                            assert: { typo: SELECT no_such FROM pay }
                            """))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining("assert.typo: the assertion cannot be run")
                    .hasMessageContaining("no_such")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.USAGE);
            assertThatThrownBy(() -> db.verify("""
                            fill: { into: pay, set: { net: gross - fee } }
                            assert: { writes: DELETE FROM pay RETURNING true }
                            """))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining("assert.writes");
            assertThat(db.number("SELECT count(*) FROM pay")).isEqualTo(100);
        }
    }
}
