package dev.neap.postgres.fill;

import dev.neap.backfill.Fill;
import dev.neap.postgres.shadow.KeyColumn;
import dev.neap.preflight.Finding;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A bound of the walk is a whole key. */
final class KeyBoundsCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) {
        List<KeyColumn> key = subject.tables().key();
        Fill.KeyRange keys = subject.fill().keys();
        return Arrays.asList(keys.from(), keys.to()).stream()
                .filter(bound -> bound != null && bound.size() != key.size())
                .map(bound -> Finding.error(
                        "key-bounds",
                        "fill.keys: " + bound.size() + " values, but the key has " + key.size() + " columns",
                        "a bound is a whole key",
                        "write one value for each of "
                                + key.stream().map(KeyColumn::name).collect(Collectors.joining(", "))))
                .limit(1)
                .toList();
    }
}
