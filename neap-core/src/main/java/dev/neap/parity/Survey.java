package dev.neap.parity;

import java.util.ArrayList;
import java.util.List;

/**
 * What was seen of one database.
 *
 * @param facts what is the same elsewhere or is not
 * @param figures what is more or less elsewhere
 * @param unseen what could not be looked at, and why, in words
 */
public record Survey(List<Fact> facts, List<Figure> figures, List<String> unseen) {
    public Survey {
        facts = List.copyOf(facts);
        figures = List.copyOf(figures);
        unseen = List.copyOf(unseen);
    }

    /** Both together. */
    public Survey and(Survey other) {
        List<Fact> allFacts = new ArrayList<>(facts);
        allFacts.addAll(other.facts);
        List<Figure> allFigures = new ArrayList<>(figures);
        allFigures.addAll(other.figures);
        List<String> allUnseen = new ArrayList<>(unseen);
        allUnseen.addAll(other.unseen);
        return new Survey(allFacts, allFigures, allUnseen);
    }
}
