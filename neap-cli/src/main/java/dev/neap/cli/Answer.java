package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a command found or did.
 *
 * @param exitCode what the process ends with
 * @param text for people, without the line that says what to do next
 * @param data the same for programs
 * @param next what to do next: a command, or a short sentence
 * @param comment how a comment begins in the language of the text, so that the text can be used as it is; empty for prose
 */
record Answer(int exitCode, String text, ObjectNode data, String next, String comment) {
    static Answer of(int exitCode, String text, ObjectNode data, String next) {
        return new Answer(exitCode, text, data, next, "");
    }
}
