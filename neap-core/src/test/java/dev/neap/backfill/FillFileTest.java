package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FillFileTest {
    @TempDir
    Path folder;

    private Backfill read(String text) throws IOException {
        Path file = folder.resolve("fix.yaml");
        Files.writeString(file, "backfill: fix\n" + text);
        return BackfillFile.read(file, Environment.system()).backfill();
    }

    private List<String> problems(String text) {
        BackfillException problem = catchThrowableOfType(BackfillException.class, () -> read(text));
        return problem.problems().stream()
                .map(p -> p.substring(p.indexOf("fix.yaml")))
                .toList();
    }

    @Test
    void every_key_is_read() throws IOException {
        Fill fill = read("""
                        fill:
                          from: users_legacy
                          into: app.users
                          key: [tenant, id]
                          keys: { from: [1, 0], to: [2, 0] }
                          where: deleted_at IS NULL
                          set: { id: id, tenant: tenant, name: lower(full_name), at: changed_at }
                          reads: film
                          conflict: newer(at)
                          dual_write: application
                        """).fill();

        assertThat(fill.from()).isEqualTo(new TableName("public", "users_legacy"));
        assertThat(fill.into()).isEqualTo(new TableName("app", "users"));
        assertThat(fill.inPlace()).isFalse();
        assertThat(fill.key()).containsExactly("tenant", "id");
        assertThat(fill.keys()).isEqualTo(new Fill.KeyRange(List.of("1", "0"), List.of("2", "0")));
        assertThat(fill.set()).containsEntry("name", "lower(full_name)");
        assertThat(fill.reads()).containsExactly(new TableName("public", "film"));
        assertThat(fill.conflict()).isEqualTo(new Conflict(Conflict.Rule.NEWER, "at"));
    }

    @Test
    void a_trigger_stands_in_between_two_tables_with_sql_over_the_row_alone() throws IOException {
        Backfill backfill = read("fill: { from: b, into: a, set: { c: d }, dual_write: trigger }\n");

        assertThat(backfill.fill().byTrigger()).isTrue();
        assertThat(backfill.byApplication()).isFalse();
        assertThat(read("fill: { from: b, into: a, set: { c: d } }\n").declared())
                .as("another fill")
                .isNotEqualTo(backfill.declared());
        assertThat(problems("fill:\n  into: a\n  set: { c: d }\n  dual_write: trigger\n"))
                .containsExactly("fix.yaml:5:15: fill.dual_write: a trigger stands in for the application between two"
                        + " tables, and there is one; write application, or a trigger of your own");
        assertThat(problems("fill:\n  from: b\n  into: a\n  set: { c: d }\n  reads: e\n  dual_write: trigger\n"))
                .containsExactly(
                        "fix.yaml:7:15: fill.dual_write: a trigger follows the rows of from, and not those that"
                                + " reads names; use expressions over the row alone, or write application");
        assertThat(problems("fill: { from: b, into: a, dual_write: trigger, transform: { class: x.Y, jar: n.jar } }\n"))
                .contains("fix.yaml:2:39: fill.dual_write: no trigger can call a transform in Java; write the"
                        + " expressions as SQL, into set");
        assertThat(problems("fill: { from: b, into: a, set: { c: d }, dual_write: yes }\n"))
                .containsExactly("fix.yaml:2:54: fill.dual_write cannot be 'yes'; write application or trigger");
    }

    @Test
    void a_short_file_is_enough() throws IOException {
        Backfill backfill = read("fill:\n  into: users\n  set: { name: lower(full_name) }\n");

        assertThat(backfill.fills()).isTrue();
        assertThat(backfill.fill().inPlace()).isTrue();
        assertThat(backfill.fill().conflict()).isEqualTo(Conflict.KEEP);
        assertThat(backfill.fill().keys()).isEqualTo(Fill.KeyRange.ALL);
    }

    @Test
    void several_fills_are_a_list_and_one_in_a_list_is_one() throws IOException {
        Backfill two = read("fill:\n  - { from: s, into: a, set: { c: d } }\n  - { into: b, set: { e: f } }\n");

        assertThat(two.parts()).hasSize(2);
        assertThat(two.parts().get(1).part()).isEqualTo(2);
        assertThat(two.parts().get(1).fill().into()).isEqualTo(new TableName("public", "b"));
        assertThat(two.parts().get(1).declared()).as("each is about the whole").isEqualTo(two.declared());
        assertThat(read("fill:\n  - { into: b, set: { e: f } }\n").declared())
                .isEqualTo(read("fill: { into: b, set: { e: f } }\n").declared());
    }

    @Test
    void what_is_wrong_in_a_list_has_its_place() {
        assertThat(problems("fill:\n  - { into: a, set: { c: d } }\n  - { into: b c, set: { e: f } }\n"))
                .containsExactly("fix.yaml:4:13: fill.2.into: 'b c' is no table name; write schema.table, as in SQL");
        assertThat(problems("fill:\n  - { into: a, set: { c: d } }\n  - { int: b, set: { e: f } }\n"))
                .containsExactly(
                        "fix.yaml:4:5: the key 'into' is missing in fill.2",
                        "fix.yaml:4:7: unknown key 'int' in fill.2; did you mean 'into'?");
        assertThat(problems("fill: []\n"))
                .containsExactly("fix.yaml:2:7: fill cannot be a list; write its keys below it, indented");
        assertThat(problems("fill: [a]\n"))
                .containsExactly("fix.yaml:2:8: fill.1 cannot be 'a'; write its keys below it, indented");
    }

    @Test
    void what_cannot_go_together_is_refused() {
        assertThat(problems("profile: dev\n"))
                .containsExactly("fix.yaml:1:1: it says neither rebuild nor fill; write one of them");
        assertThat(problems("rebuild: { table: a, set: { c: d } }\nfill: { into: a, set: { c: d } }\n"))
                .containsExactly("fix.yaml:3:7: fill: it cannot go with rebuild; write one of the two, or two files");
        assertThat(problems("fill:\n  into: a\n  set: { c: d }\n  conflict: newer(at)\n"))
                .containsExactly(
                        "fix.yaml:5:13: fill.conflict: newer compares two tables, and there is one; write keep or"
                                + " overwrite");
        assertThat(problems("fill:\n  from: b\n  into: a\n  set: { c: d }\n  conflict: newer(at)\n"))
                .containsExactly(
                        "fix.yaml:6:13: fill.conflict: newer(at) names a column that set does not have; add it");
        assertThat(problems("fill:\n  from: b\n  into: a\n  set: { c: d }\n  already_right: c > 0\n"))
                .containsExactly(
                        "fix.yaml:6:18: fill.already_right: it goes with columns of the same table; with another"
                                + " table, conflict says what becomes of rows that are there");
        assertThat(problems("fill:\n  into: a\n  set: { c: d }\n  conflict: never\n"))
                .containsExactly(
                        "fix.yaml:5:13: fill.conflict cannot be 'never'; write keep, overwrite or newer(column)");
        assertThat(problems("fill:\n  into: a b\n  set: { c: d }\n"))
                .containsExactly("fix.yaml:3:9: fill.into: 'a b' is no table name; write schema.table, as in SQL");
        assertThat(problems("fill:\n  into: a\n  set: { c: d }\nassert:\n  x: SELECT count(*)::int = 0 FROM :live\n"))
                .containsExactly(
                        "fix.yaml:6:6: assert.x: a fill has no shadow; write the names of its tables, as in SQL");
    }
}
