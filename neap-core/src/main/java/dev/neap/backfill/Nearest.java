package dev.neap.backfill;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that a person meant. */
public final class Nearest {
    private Nearest() {}

    /** A clause for the end of a message: the nearest word, or all of them where none is near. */
    static String hint(String typed, Collection<String> words) {
        return of(typed, words)
                .map(word -> "; did you mean '" + word + "'?")
                .orElseGet(() -> "; the keys here are " + String.join(", ", words));
    }

    /** The nearest word, where it is near enough to be what was meant. */
    public static Optional<String> of(String typed, Collection<String> words) {
        int most = Math.max(1, typed.length() / 3);
        return words.stream()
                .filter(word -> distance(typed, word) <= most)
                .min(Comparator.comparingInt(word -> distance(typed, word)));
    }

    /** Levenshtein's distance, upper and lower case and `-` and `_` alike. */
    static int distance(String typed, String word) {
        String a = normal(typed);
        String b = normal(word);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitute, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }

    private static String normal(String word) {
        return word.toLowerCase(java.util.Locale.ROOT).replace('-', '_');
    }
}
