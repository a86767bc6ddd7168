package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import dev.neap.transform.Type;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A transform in Java, as a backfill file names it. */
class TransformFileTest {
    @TempDir
    private Path folder;

    /** A good one. */
    public static final class Good implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create().reads("a", Type.TEXT).carries("id", "id").writes("b", Type.LONG);
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of();
        }
    }

    /** One without a schema. */
    public static final class Nothing implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create();
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of();
        }
    }

    /** One that cannot be made. */
    public static final class Broken implements RowTransform {
        private final Schema schema;

        public Broken() {
            throw new IllegalStateException("no such host");
        }

        @Override
        public Schema schema() {
            return schema;
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of();
        }
    }

    /** One that nobody can make. */
    public static final class Private implements RowTransform {
        private Private() {}

        @Override
        public Schema schema() {
            return Schema.create();
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of();
        }
    }

    @BeforeEach
    void jar() throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(folder.resolve("band.jar")))) {
            for (Class<?> type : List.of(Good.class, Nothing.class, Broken.class, Private.class)) {
                String name = type.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new JarEntry(name));
                try (InputStream code = type.getResourceAsStream("/" + name)) {
                    code.transferTo(jar);
                }
                jar.closeEntry();
            }
        }
        Files.writeString(folder.resolve("text.jar"), "hello");
    }

    private Fill read(String transform) throws IOException {
        Path file = folder.resolve("fix.yaml");
        Files.writeString(file, "backfill: fix\nfill:\n  from: s\n  into: t\n" + transform);
        return BackfillFile.read(file, Environment.system()).backfill().fill();
    }

    private String problem(String transform) {
        BackfillException problem = catchThrowableOfType(BackfillException.class, () -> read(transform));
        assertThat(problem).as(transform).isNotNull();
        assertThat(problem.problems()).hasSize(1);
        return problem.problems().get(0).replace(folder + "/", "");
    }

    private static String of(Class<?> type, String jar) {
        return "  transform: { class: " + type.getName() + ", jar: " + jar + " }\n";
    }

    @Test
    void it_is_loaded_from_a_jar_beside_the_file() throws IOException {
        TransformSource transform = read(of(Good.class, "band.jar")).transform();

        assertThat(transform).isNotNull();
        assertThat(transform.schema().sets()).containsExactly("id", "b");
        assertThat(transform.sha256())
                .isEqualTo(TransformSource.sha256(Files.readAllBytes(folder.resolve("band.jar"))));
        assertThat(transform.place()).endsWith("fix.yaml:5:14: fill.transform: ");
        assertThat(transform.factory().get().getClass().getName()).isEqualTo(Good.class.getName());
        assertThat(transform.factory().get()).isNotSameAs(transform.factory().get());
    }

    /** What kill -9 leaves is a copy whose lock nobody has; who lives has the lock, or is just making it. */
    @Test
    void copies_of_processes_that_are_dead_are_removed_and_no_others() throws IOException {
        Path dead = copy("transform.jar", "lock");
        Path living = copy("transform.jar", "lock");
        Path making = copy();
        Path forgotten = copy();
        Files.setLastModifiedTime(forgotten, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        try (FileChannel lock = FileChannel.open(living.resolve("lock"), StandardOpenOption.WRITE)) {
            lock.lock();

            read(of(Good.class, "band.jar"));

            assertThat(List.of(dead, forgotten)).noneMatch(Files::exists);
            assertThat(List.of(living, making)).allMatch(Files::exists);
            assertThat(living.resolve("transform.jar")).exists();
        } finally {
            for (Path file : List.of(living.resolve("transform.jar"), living.resolve("lock"), living, making)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static Path copy(String... files) throws IOException {
        Path folder = Files.createTempDirectory("neap-transform-");
        for (String file : files) {
            Files.writeString(folder.resolve(file), "");
        }
        return folder;
    }

    @Test
    void what_cannot_be_loaded_is_refused_with_its_place() {
        String name = "dev.neap.backfill.TransformFileTest$";
        assertThat(problem("  transform:\n    class: a.B\n    jar: lib/none.jar\n"))
                .isEqualTo(
                        "fix.yaml:7:10: fill.transform.jar: there is no file lib/none.jar; the path is taken from the"
                                + " folder of this file");
        assertThat(problem("  transform:\n    class: a.B\n    jar: text.jar\n"))
                .isEqualTo("fix.yaml:7:10: fill.transform.jar: text.jar is no jar");
        assertThat(problem("  transform:\n    class: a.B\n    jar: band.jar\n"))
                .isEqualTo(
                        "fix.yaml:6:12: fill.transform.class: there is no class a.B in band.jar; write its name with its"
                                + " package, and '$' before an inner class");
        assertThat(problem("  transform:\n    class: java.lang.String\n    jar: band.jar\n"))
                .endsWith("java.lang.String is no transform; it must implement dev.neap.transform.RowTransform or"
                        + " BatchTransform");
        assertThat(problem(of(Private.class, "band.jar")))
                .endsWith(name + "Private has no public constructor without parameters");
        assertThat(problem(of(Broken.class, "band.jar")))
                .endsWith(name + "Broken cannot be used: IllegalStateException: its constructor failed:"
                        + " IllegalStateException: no such host");
        assertThat(problem(of(Nothing.class, "band.jar")))
                .endsWith(name
                        + "Nothing cannot be used: IllegalArgumentException: its schema must read a column and write"
                        + " one");
    }

    @Test
    void what_cannot_go_together_is_refused() {
        assertThat(problem("  conflict: keep\n"))
                .isEqualTo("fix.yaml:3:3: fill: it has neither set nor transform; write one of them");
        assertThat(problem("  set: { a: b }\n" + of(Good.class, "band.jar")))
                .isEqualTo("fix.yaml:6:14: fill.transform: it cannot go with set; the transform writes all columns");
        assertThat(problem(of(Good.class, "band.jar") + "  reads: film\n"))
                .isEqualTo(
                        "fix.yaml:6:10: fill.reads: it goes with SQL in set; a transform reads nothing but the row that it"
                                + " is given");
        assertThat(problem(of(Good.class, "band.jar") + "  conflict: newer(at)\n"))
                .endsWith("newer(at) names a column that the transform does not write; add it");
        assertThat(problem("  transform: { class: a.B }\n"))
                .isEqualTo("fix.yaml:5:14: the key 'jar' is missing in fill.transform");
    }

    @Test
    void another_jar_is_another_declaration() throws IOException {
        Fill one = read(of(Good.class, "band.jar"));
        byte[] both = Files.readAllBytes(folder.resolve("band.jar"));
        Files.write(folder.resolve("band.jar"), Arrays.copyOf(both, both.length + 1));

        assertThat(read(of(Good.class, "band.jar")).toString()).isNotEqualTo(one.toString());
    }
}
