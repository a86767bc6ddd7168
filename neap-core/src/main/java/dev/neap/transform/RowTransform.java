package dev.neap.transform;

import java.util.List;

/** A transform that takes one row after another. */
public non-sealed interface RowTransform extends Transform {
    /**
     * What a row becomes.
     *
     * @return one new row, none, or, where another table is filled, many
     * @throws Exception when the row cannot be transformed: it is set aside with this cause
     */
    List<NewRow> transform(Row row) throws Exception;
}
