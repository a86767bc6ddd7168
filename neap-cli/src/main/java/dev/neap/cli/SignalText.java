package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.run.SignalsNow;
import java.util.ArrayList;
import java.util.List;

/** What signals say before a run, in words and as JSON. */
final class SignalText {
    private SignalText() {}

    /** The same answer with the signals after it. */
    static Answer after(Answer answer, SignalsNow now) {
        ObjectNode told = Json.object(now);
        answer.data().set("signals", told.get("signals"));
        answer.data().set("signals_off", told.get("off"));
        return Answer.of(answer.exitCode(), answer.text() + of(now), answer.data(), answer.next());
    }

    private static String of(SignalsNow now) {
        if (now.signals().isEmpty() && now.off().isEmpty()) {
            return "";
        }
        List<String> lines = new ArrayList<>(List.of("", "", "What the signals say now"));
        lines.addAll(Text.table(now.signals().stream()
                .map(look -> List.of("  " + look.signal(), look.levels(), look.now()))
                .toList()));
        now.off().forEach(why -> lines.add("  " + why));
        return String.join("\n", lines);
    }
}
