package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way to get a file wrong says where, what, and what to write instead. */
class BackfillFileProblemsTest {
    private static final String HEAD = "backfill: x\n";
    private static final String REBUILD = HEAD + "rebuild:\n  table: a.b\n  set: { c: d }\n";

    @TempDir
    Path folder;

    @Test
    void a_misspelt_key_gets_the_nearest_right_one() {
        assertThat(problems(REBUILD + "  parttions: {}\n"))
                .containsExactly("fix.yaml:5:3: unknown key 'parttions' in rebuild; did you mean 'partitions'?");
        assertThat(problems(REBUILD + "Batch-Rows: 5\n"))
                .containsExactly("fix.yaml:5:1: unknown key 'Batch-Rows'; did you mean 'batch_rows'?");
    }

    @Test
    void an_unknown_key_gets_all_right_ones() {
        assertThat(problems(REBUILD + "pace: { colour: red }\n"))
                .containsExactly(
                        "fix.yaml:5:9: unknown key 'colour' in pace; the keys here are rate, pause, batch_pause");
    }

    @Test
    void missing_keys_are_named() {
        assertThat(problems("rebuild: { table: a.b }\n"))
                .containsExactly("fix.yaml:1:1: the key 'backfill' is missing");
        assertThat(problems(HEAD + "rebuild: { table: a.b }\n"))
                .containsExactly("fix.yaml:2:10: rebuild: it has neither set nor recompute; write one of them");
    }

    @Test
    void a_recompute_wants_what_belongs_to_it_and_nothing_else() {
        String from = HEAD + "rebuild:\n  table: a.b\n  recompute: SELECT 1\n";
        assertThat(problems(from + "  application_writes: new\n"))
                .containsExactly(
                        "fix.yaml:4:14: rebuild.recompute: it needs reads: a list of every table that it reads, such as"
                                + " [raw_events, fx]",
                        "fix.yaml:4:14: rebuild.recompute: it needs missing_in_source: keep or drop, for rows of the live"
                                + " partition whose key it does not yield; there is no default");
        String whole = from + "  reads: [c]\n  missing_in_source: keep\n";
        assertThat(problems(whole)).singleElement().asString().contains("it needs application_writes: new");
        assertThat(problems(whole + "  writes: none\n  set: { c: d }\n"))
                .containsExactly("fix.yaml:8:8: rebuild.set: it cannot go with recompute; write one of the two");
        assertThat(problems(whole + "  writes: none\n  cutover: merge\n"))
                .containsExactly("fix.yaml:8:12: rebuild.cutover: merge goes with set only; write swap");
        assertThat(problems(whole.replace("[c]", "[c, C, a.b, 'd d']") + "  writes: none\n"))
                .containsExactly(
                        "fix.yaml:5:14: rebuild.reads.1: public.c is named twice",
                        "fix.yaml:5:17: rebuild.reads.2: it is the table that is rebuilt; a recompute reads other tables,"
                                + " and `set` recomputes row by row",
                        "fix.yaml:5:22: rebuild.reads.3: 'd d' is no table name; write schema.table, as in SQL");
        assertThat(problems(REBUILD + "  reads: [c]\n"))
                .containsExactly("fix.yaml:5:10: rebuild.reads: it goes with recompute, which is not there");
    }

    @Test
    void a_key_may_stand_there_once() {
        assertThat(problems(REBUILD + "batch_rows: 1\nbatch_rows: 2\n"))
                .containsExactly("fix.yaml:6:1: the key 'batch_rows' was already given on line 5");
    }

    @Test
    void values_of_the_wrong_kind_say_what_to_write() {
        assertThat(problems(REBUILD + "profile: production\n"))
                .containsExactly("fix.yaml:5:10: profile: 'production' is no profile; there are dev, staging, prod");
        assertThat(problems(REBUILD + "pace: { rate: 5000, pause: 7 days }\n"))
                .containsExactly(
                        "fix.yaml:5:15: pace.rate cannot be '5000'; write a rate such as '5000 rows/s', or none",
                        "fix.yaml:5:28: pace.pause cannot be '7 days'; write a number with ms, s, m, h or d, such as 30s"
                                + " or 7d");
        assertThat(problems(REBUILD + "  cutover: later\n  hours: 22:00-05:00 Berlin\n"))
                .containsExactly(
                        "fix.yaml:5:12: rebuild.cutover cannot be 'later'; write swap or merge or hold",
                        "fix.yaml:6:10: rebuild.hours cannot be '22:00-05:00 Berlin'; write hours with a time zone, such as"
                                + " '22:00-05:00 Europe/Berlin' or 'Sat-Sun 00:00-24:00 Europe/Berlin'");
        assertThat(problems(REBUILD + "batch_rows: many\n"))
                .containsExactly(
                        "fix.yaml:5:13: batch_rows cannot be 'many'; write a whole number from 1 to 999999999");
        assertThat(problems(REBUILD + "replicas: { one: two }\n"))
                .containsExactly(
                        "fix.yaml:5:11: replicas cannot be a group of keys; write a list: each item on its own line after '- '");
        assertThat(problems(HEAD + "rebuild: events\n"))
                .containsExactly("fix.yaml:2:10: rebuild cannot be 'events'; write its keys below it, indented");
        assertThat(problems(HEAD + "rebuild:\n  table: a.b\n  set: [c]\n"))
                .containsExactly(
                        "fix.yaml:4:8: rebuild.set cannot be a list; write 'name: SQL' lines below it, indented");
        assertThat(problems(REBUILD + "connection:\n"))
                .containsExactly("fix.yaml:5:1: the key 'connection' has no value; write text");
    }

    @Test
    void sql_with_a_comma_inside_braces_is_told_to_be_quoted() {
        assertThat(problems(HEAD + "rebuild: { table: a.b, set: { c: coalesce(a, b) } }\n"))
                .containsExactly(
                        "fix.yaml:2:46: rebuild.set.b) has no value; write its text (inside { } a text with a comma"
                                + " needs double quotes)");
    }

    @Test
    void names_and_ranges_make_sense() {
        assertThat(problems("backfill: fix event\nrebuild: { table: a.b.c, set: { c: d } }\n"))
                .containsExactly(
                        "fix.yaml:1:11: backfill: 'fix event' is no name; write 1 to 63 letters, digits, '-', '_' or '.',"
                                + " beginning with a letter or digit",
                        "fix.yaml:2:19: rebuild.table: 'a.b.c' is no table name; write schema.table, as in SQL");
        assertThat(problems(REBUILD + "  partitions: { from: 2024-02-01, to: 2024-01-01 }\n"))
                .containsExactly(
                        "fix.yaml:5:39: rebuild.partitions.to: it must be later than from, which is 2024-02-01");
    }

    @Test
    void a_password_of_a_replica_stays_out_of_the_file() {
        assertThat(problems(REBUILD + "replicas:\n  - postgresql://app:hunter2@r/shop\n"))
                .containsExactly("fix.yaml:6:5: replicas.0: a password in plain text; write ${VAR} or ${file:/path}");
    }

    @Test
    void what_is_not_yaml_is_one_clear_line() {
        assertThat(problems("backfill: x\nrebuild:\n\ttable: a\n"))
                .containsExactly("fix.yaml:3:1: a tab; YAML indents with spaces");
        assertThat(problems("backfill: \"x\n")).hasSize(1).first().asString().contains("fix.yaml:", "this is not YAML");
        assertThat(problems("backfill: a: b\n"))
                .containsExactly(
                        "fix.yaml:1:12: this is not YAML: mapping values are not allowed here; a value that holds"
                                + " ': ' or ' #', or begins with a sign, needs double quotes");
        assertThat(problems("backfill"))
                .containsExactly("fix.yaml:1:1: a backfill file begins with a key, such as 'backfill: fix-revenue'");
        assertThat(problems("# nothing\n"))
                .containsExactly("fix.yaml:1:1: the file is empty; `neap init URL TABLE` writes one");
        assertThat(problems(REBUILD + "---\nmore: 1\n"))
                .containsExactly("fix.yaml:6:1: a second document; a backfill file holds one, so remove the '---'");
        assertThat(problems("backfill: &a x\nrebuild: { table: *a, set: { a: b } }\n"))
                .hasSize(1)
                .allMatch(problem -> problem.contains("write the value out"));
    }

    @Test
    void what_is_not_a_text_file_is_one_clear_line() throws IOException {
        Path latin = Files.write(folder.resolve("latin.yaml"), "é".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(problems(latin)).containsExactly("latin.yaml is not UTF-8 text");
        assertThat(problems(folder.resolve("none.yaml")))
                .containsExactly("there is no file none.yaml; `neap init URL TABLE` writes one");
    }

    private List<String> problems(String text) {
        try {
            return problems(Files.writeString(folder.resolve("fix.yaml"), text));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<String> problems(Path file) {
        BackfillException problem =
                catchThrowableOfType(BackfillException.class, () -> BackfillFile.read(file, FakeEnvironment.of()));
        return problem.problems().stream()
                .map(line -> line.replace(folder + "/", ""))
                .toList();
    }
}
