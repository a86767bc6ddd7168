package dev.neap.verify;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.DualWrite;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Replaced;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is expected of a rebuilt partition: what a fill from the replaced one would put there. */
final class ExpectedPartition {
    private final Rebuild rebuild;
    private final Replaced replaced;
    private final Map<String, String> expect;
    private final Map<String, String> set = new LinkedHashMap<>();
    private final List<Claim> claims = new ArrayList<>();

    private ExpectedPartition(Rebuild rebuild, Replaced replaced, Map<String, String> expect) {
        this.rebuild = rebuild;
        this.replaced = replaced;
        this.expect = expect;
    }

    /**
     * @param partition the live one
     * @param replaced the other, which can be compared
     * @param expect the file's own expectations: column to SQL over a row as it was
     */
    static Expected of(Rebuild rebuild, TableName partition, Replaced replaced, Map<String, String> expect) {
        return new ExpectedPartition(rebuild, replaced, expect).into(partition);
    }

    private Expected into(TableName partition) {
        for (String column : replaced.columns()) {
            Claim.Basis basis = basis(column);
            if (basis != Claim.Basis.TRANSFORM || !replaced.unsteady().contains(column)) {
                set.put(column, value(column, basis));
                claim(column, basis);
            }
        }
        return new Expected(
                new Fill(
                        replaced.kept(),
                        partition,
                        replaced.key(),
                        Fill.KeyRange.ALL,
                        null,
                        set,
                        List.of(),
                        Conflict.KEEP,
                        null,
                        null,
                        DualWrite.APPLICATION),
                claims,
                false,
                notes());
    }

    private Claim.Basis basis(String column) {
        if (expect.containsKey(column)) {
            return Claim.Basis.EXPECT;
        }
        return rebuild.source() != null || rebuild.set().containsKey(column)
                ? Claim.Basis.TRANSFORM
                : Claim.Basis.REPLACED;
    }

    /** A row that was already right has stayed as it was, as far as its recompute goes; an expectation holds for all. */
    private String value(String column, Claim.Basis basis) {
        String own = '"' + column.replace("\"", "\"\"") + '"';
        return switch (basis) {
            case EXPECT -> String.valueOf(expect.get(column));
            case REPLACED -> own;
            case APPLICATION -> throw new IllegalStateException("nobody writes both places of a rebuild");
            case TRANSFORM -> {
                String recompute = rebuild.set().get(column);
                String right = rebuild.alreadyRight();
                yield recompute == null
                        ? own
                        : right == null
                                ? recompute
                                : "CASE WHEN (" + right + "\n) IS TRUE THEN " + own + " ELSE (" + recompute + "\n) END";
            }
        };
    }

    private void claim(String column, Claim.Basis basis) {
        for (int i = 0; i < claims.size(); i++) {
            if (claims.get(i).basis() == basis) {
                List<String> more = new ArrayList<>(claims.get(i).columns());
                more.add(column);
                claims.set(i, new Claim(more, basis));
                return;
            }
        }
        claims.add(new Claim(List.of(column), basis));
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        List<String> unsteady = replaced.unsteady().stream()
                .filter(column -> !set.containsKey(column))
                .toList();
        if (!unsteady.isEmpty()) {
            notes.add("not compared: " + String.join(", ", unsteady)
                    + ", whose recompute need not yield the same each time"
                    + (rebuild.source() == null ? "; rebuild.expect could judge it" : ""));
        }
        if (!replaced.others().isEmpty()) {
            notes.add("not compared: " + String.join(", ", replaced.others())
                    + ", since the partition and the one that it replaced do not both have it as it is");
        }
        if (rebuild.source() != null) {
            notes.add(
                    "the recompute read its tables as they are now: what was changed there since the swap differs here");
        }
        return notes;
    }
}
