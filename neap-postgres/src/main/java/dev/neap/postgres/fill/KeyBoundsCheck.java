package dev.neap.postgres.fill;

import dev.neap.backfill.Fill;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.KeyColumn;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A bound of the walk is a whole key. */
final class KeyBoundsCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        List<KeyColumn> key = subject.tables().key();
        Fill.KeyRange keys = subject.fill().keys();
        for (List<String> bound :
                Stream.of(keys.from(), keys.to()).filter(Objects::nonNull).toList()) {
            if (bound.size() != key.size()) {
                return List.of(Finding.error(
                        "key-bounds",
                        "fill.keys: " + bound.size() + " values, but the key has " + key.size() + " columns",
                        "a bound is a whole key",
                        "write one value for each of "
                                + key.stream().map(KeyColumn::name).collect(Collectors.joining(", "))));
            }
            for (int i = 0; i < key.size(); i++) {
                String failure = subject.failure("SELECT CAST(" + Names.literal(bound.get(i)) + " AS "
                        + key.get(i).type() + ")::text");
                if (failure != null) {
                    return List.of(Finding.error(
                            "key-bounds",
                            "fill.keys: " + bound.get(i) + " is no value of "
                                    + key.get(i).name() + ": " + failure,
                            "a bound is a key that could be there",
                            "write one of the type " + key.get(i).type()));
                }
            }
        }
        return List.of();
    }
}
