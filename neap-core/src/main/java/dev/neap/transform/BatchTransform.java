package dev.neap.transform;

import java.util.List;

/** A transform that takes many rows at once, for one that calls a service. */
public non-sealed interface BatchTransform extends Transform {
    /**
     * What rows become.
     *
     * @param rows at least one, at most so many as a batch has
     * @return for each row, in their order: one new row, none, or, where another table is filled, many
     * @throws Exception when they cannot be transformed: half of them are tried, until a bad row stands alone and is set
     *     aside with this cause
     */
    List<List<NewRow>> transform(List<Row> rows) throws Exception;
}
