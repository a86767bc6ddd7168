package dev.neap.control;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** Units that were swapped, by what was declared, whichever run has done them. */
public final class RebuiltUnits {
    private final Handle handle;

    public RebuiltUnits(ControlStore store) {
        this.handle = store.handle();
    }

    /**
     * Of each partition the unit that swapped it last, in the order of their runs and units; those that were undone since
     * too.
     *
     * @param declared the hash of what was declared
     */
    public List<UnitRow> newest(String declared) {
        return handle.createQuery("SELECT " + Rows.UNIT + "\n" + """
                         FROM (SELECT u.*, row_number() OVER (PARTITION BY u.schema_name, u.partition_name
                                                             ORDER BY u.id DESC) AS place
                              FROM neap.unit u JOIN neap.run r ON r.id = u.run_id
                              WHERE r.declared = :declared AND u.state IN ('done', 'undone')) AS done
                        WHERE place = 1 ORDER BY run_id, position
                        """)
                .bind("declared", declared)
                .map((rs, ctx) -> Rows.unit(rs))
                .list();
    }
}
