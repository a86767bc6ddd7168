package dev.neap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents are held to the files that they speak of. */
class DocsTest {
    private static final Path ROOT = root();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    private static final Pattern NAMED_TEST = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

    /** What tests of several dialects have in common. */
    private static final Pattern CONTRACT = Pattern.compile("\\bextends (\\w+(?:Contract|Test))\\b");

    /** The folder of the whole project: tests run in that of their module. */
    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("ARCHITECTURE.md"))) {
            here = here.getParent();
        }
        return here;
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(p -> p.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    /** Code is no prose: no links and no headings in it. */
    private static String prose(Path document) throws IOException {
        return Files.readString(document).replaceAll("(?ms)^ *```.*?^ *```", "");
    }

    @Test
    void every_link_between_the_documents_leads_somewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            Matcher link = LINK.matcher(prose(document));
            while (link.find()) {
                if (!link.group(1).contains("://") && !leadsSomewhere(document, link.group(1))) {
                    broken.add(ROOT.relativize(document) + ": " + link.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Path from, String link) throws IOException {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path to = file.isEmpty() ? from : from.resolveSibling(file).normalize();
        if (!Files.exists(to)) {
            return false;
        }
        return hash < 0 || anchors(to).contains(link.substring(hash + 1));
    }

    /** As they are made from headings on the web: lower case, spaces to hyphens, no other signs. */
    private static List<String> anchors(Path document) throws IOException {
        return HEADING.matcher(prose(document))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @Test
    void every_test_that_safety_names_is_there() throws IOException {
        Map<String, String> sources = testSources();
        List<MatchResult> named = NAMED_TEST
                .matcher(Files.readString(ROOT.resolve("docs/safety.md")))
                .results()
                .toList();
        List<String> missing = named.stream()
                .filter(test -> !isThere(sources, test.group(1), test.group(2)))
                .map(MatchResult::group)
                .distinct()
                .toList();
        assertThat(named).hasSizeGreaterThan(30);
        assertThat(missing).isEmpty();
    }

    private static boolean isThere(Map<String, String> sources, String type, String method) {
        String source = sources.get(type);
        if (source == null || method == null) {
            return source != null;
        }
        Matcher contract = CONTRACT.matcher(source);
        return Pattern.compile("\\bvoid " + method + "\\(").matcher(source).find()
                || (contract.find() && isThere(sources, contract.group(1), method));
    }

    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path tests : modules.flatMap(
                            module -> Stream.of(module.resolve("src/test/java"), module.resolve("src/main/java")))
                    .filter(Files::exists)
                    .toList()) {
                try (Stream<Path> files = Files.walk(tests)) {
                    for (Path file : files.filter(f -> f.toString().endsWith("Test.java")
                                    || f.toString().endsWith("Contract.java"))
                            .collect(Collectors.toList())) {
                        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                    }
                }
            }
        }
        return sources;
    }
}
