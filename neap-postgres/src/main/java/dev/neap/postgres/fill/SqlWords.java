package dev.neap.postgres.fill;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words and marks of a statement that a server has carried out, by their places from 0. What stands in quotes and in
 * comments is left out, but a quoted name is a word, and is never a word of the language. Any place may be asked for.
 */
final class SqlWords {
    private static final int SHOWN = 100;

    private static final Pattern WORD = Pattern.compile(
            "(?<comment>/\\*.*?\\*/|--[^\\r\\n]*)"
                    + "|(?<text>[eE]'(?:[^'\\\\]|\\\\.|'')*+'|'(?:[^']|'')*+'"
                    + "|(?<tag>\\$(?:[\\p{L}_][\\p{L}\\p{N}_]*)?\\$).*?\\k<tag>)"
                    + "|\"(?<quoted>(?:[^\"]|\"\")*+)\"|(?<word>[\\p{L}_][\\p{L}\\p{N}_$]*+)|(?<mark>\\S)",
            Pattern.DOTALL);

    private record Word(String text, boolean quoted, int opener) {}

    private final List<Word> words = new ArrayList<>();
    private final String shown;

    SqlWords(String sql) {
        StringBuilder visible = new StringBuilder();
        List<Integer> open = new ArrayList<>();
        Matcher next = WORD.matcher(sql);
        int end = 0;
        while (next.find()) {
            visible.append(next.start() > end ? " " : "");
            end = next.end();
            if (next.group("comment") != null) {
                continue;
            }
            visible.append(next.group("text") == null ? next.group() : "'…'");
            add(next, open);
        }
        String line = visible.toString().strip().replaceAll("\\s+", " ");
        this.shown = line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
    }

    private void add(Matcher next, List<Integer> open) {
        int opener = open.isEmpty() ? -1 : open.get(open.size() - 1);
        String quoted = next.group("quoted");
        String word = next.group("word");
        if (quoted != null) {
            words.add(new Word(quoted.replace("\"\"", "\""), true, opener));
        } else if (word != null) {
            words.add(new Word(word.toLowerCase(Locale.ROOT), false, opener));
        } else if (next.group("text") != null) {
            words.add(new Word("'", false, opener));
        } else if (next.group().equals(")") && opener >= 0) {
            open.remove(open.size() - 1);
            words.add(new Word(")", false, opener(opener)));
        } else {
            words.add(new Word(next.group(), false, opener));
            if (next.group().equals("(")) {
                open.add(words.size() - 1);
            }
        }
    }

    int size() {
        return words.size();
    }

    /** Whether a word of the language, in lower case, or a mark stands there. */
    boolean is(int place, String text) {
        return there(place)
                && !words.get(place).quoted()
                && words.get(place).text().equals(text);
    }

    /** Whether a name stands there, or a word of the language that reads the same. */
    boolean names(int place, String name) {
        return there(place) && words.get(place).text().equals(name);
    }

    /** What stands there; empty where nothing does. */
    String at(int place) {
        return there(place) ? words.get(place).text() : "";
    }

    /** Whether a name or a word of the language stands there, rather than a mark. */
    boolean isWord(int place) {
        return there(place)
                && (words.get(place).quoted()
                        || Character.isLetter(at(place).charAt(0))
                        || at(place).startsWith("_"));
    }

    /** Where the parentheses open in which a place stands; -1 where it stands in none. */
    int opener(int place) {
        return there(place) ? words.get(place).opener() : -1;
    }

    /** The statement in one short line, without texts and comments. */
    String shown() {
        return shown;
    }

    private boolean there(int place) {
        return place >= 0 && place < words.size();
    }
}
