package dev.neap.cli.verify;

import dev.neap.cli.text.Text;
import dev.neap.verify.Claim;
import dev.neap.verify.TableReport;
import java.util.ArrayList;
import java.util.List;

/** Rebuilt partitions in words: what is the same for all of them once, a line for each, and all of those that differ. */
final class PartitionsText {
    private PartitionsText() {}

    static List<String> of(List<TableReport> partitions) {
        List<List<String>> facts = new ArrayList<>();
        claims(partitions).forEach(claim -> facts.add(List.of("Compared", VerifyText.claim(claim))));
        List<String> lines = new ArrayList<>(Text.table(facts));
        partitions.stream()
                .filter(TableReport::proved)
                .flatMap(partition -> partition.notes().stream())
                .distinct()
                .forEach(note -> lines.add("Note: " + note));
        lines.add("");
        lines.addAll(Text.table(partitions.stream().map(PartitionsText::line).toList()));
        for (TableReport partition : partitions) {
            if (!partition.proved()) {
                lines.add("");
                lines.addAll(VerifyText.table(partition));
            }
        }
        return lines;
    }

    private static List<Claim> claims(List<TableReport> partitions) {
        return partitions.stream()
                .flatMap(partition -> partition.claims().stream())
                .distinct()
                .toList();
    }

    private static List<String> line(TableReport partition) {
        long written = partition.rows().written();
        return List.of(
                partition.into().sql(),
                Text.count(partition.rows().expected(), "row"),
                written == 0 ? "" : Text.count(written) + " more written since",
                VerifyText.result(partition));
    }
}
