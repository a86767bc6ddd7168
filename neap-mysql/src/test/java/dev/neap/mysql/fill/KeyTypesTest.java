package dev.neap.mysql.fill;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is seen of the tables before a fill of another table. */
class KeyTypesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int(11) | bigint(20) unsigned |",
                "decimal(9,2) | decimal(20,4) |",
                "int(11) | decimal(10,0) |",
                "decimal(9,2) | decimal(20,1) | rounded",
                "decimal(9,2) | bigint(20) | rounded",
                "datetime(3) | datetime(6) |",
                "datetime(6) | datetime | cut",
                "timestamp | datetime |",
                "date | timestamp |",
                "datetime(6) | timestamp(3) | cut",
                "datetime | date | cut",
                "date | date |",
                "date | time | two types",
                "int(11) | varchar(20) | two types",
                "uuid | char(36) | two types",
                "varbinary(20) | varbinary(30) |",
                "varbinary(20) | binary(20) | zeros",
                "binary(16) | binary(16) |",
            })
    void keys_that_would_become_one_in_the_target_are_refused(String from, String into, String why) {
        objects(column(from, ""), column(into, ""), why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "varchar(40) | utf8mb4_bin | varchar(60) | utf8mb4_bin |",
                "varchar(40) | utf8mb4_bin | varchar(40) | utf8mb4_general_ci | may be the same",
                "varchar(40) | latin1_swedish_ci | char(40) | latin1_swedish_ci |",
                "varchar(40) | utf8mb4_nopad_bin | char(40) | utf8mb4_nopad_bin | blanks",
                "char(40) | utf8mb4_nopad_bin | char(40) | utf8mb4_nopad_bin |",
                "varchar(40) | utf8mb4_bin | text | utf8mb4_bin |",
                "varchar(40) | utf8mb4_bin | enum('a','b') | utf8mb4_bin |",
                "varchar(40) | utf8mb4_bin | enum('a','b') | utf8mb4_general_ci | may be the same",
            })
    void so_are_texts_that_the_target_tells_less_apart(
            String from, String fromCollation, String into, String intoCollation, String why) {
        objects(column(from, fromCollation), column(into, intoCollation), why);
    }

    private static void objects(LiveColumn from, LiveColumn into, String why) {
        if (why == null) {
            assertThat(KeyTypes.objection(from, into)).isEmpty();
        } else {
            assertThat(KeyTypes.objection(from, into)).contains(why);
        }
    }

    private static LiveColumn column(String type, String collation) {
        return new LiveColumn("k", type, type.replaceAll("\\W.*", ""), "", collation, false, false, "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SET NEW.v = upper(NEW.v) | true",
                "BEGIN SET NEW.n = 1, new . `V` := 'x'; END | true",
                "BEGIN SELECT name INTO NEW.v FROM names; END | true",
                "CALL tidy(NEW.id, NEW.v) | true",
                "SET NEW.search = concat(NEW.v, ' ', NEW.n) | false",
                "SET NEW.vv = 1 | false",
                "BEGIN IF NEW.v = 'x' THEN SET NEW.n = 2; END IF; END | false",
            })
    void a_trigger_that_assigns_a_column_is_known_by_its_text(String body, boolean assigns) {
        assertThat(TargetTriggers.assigns(body, "v")).isEqualTo(assigns);
    }
}
