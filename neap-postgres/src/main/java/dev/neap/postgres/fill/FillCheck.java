package dev.neap.postgres.fill;

import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** One thing that is looked at before a fill. It compiles statements, and executes none that writes. */
interface FillCheck {
    /** What was seen; empty when all is well. */
    List<Finding> look(FillSubject subject) throws SQLException;
}
