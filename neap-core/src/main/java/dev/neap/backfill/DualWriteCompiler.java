package dev.neap.backfill;

import dev.neap.backfill.SourceRecomputeCompiler.Complaint;

/** Reads `dual_write`, and refuses a trigger where none can do what the fill does. */
final class DualWriteCompiler {
    private final FillSource fill;
    private final String path;
    private final Settings settings;
    private final Complaint complaint;

    /** @param path where the fill stands in the file */
    DualWriteCompiler(FillSource fill, String path, Settings settings, Complaint complaint) {
        this.fill = fill;
        this.path = path + ".dual_write";
        this.settings = settings;
        this.complaint = complaint;
    }

    /** @param inPlace whether columns of the walked table itself are filled */
    DualWrite dualWrite(boolean inPlace) {
        DualWrite chosen = settings.fromFile(path, fill.dualWrite(), DualWrite.APPLICATION, "default");
        if (chosen == DualWrite.TRIGGER) {
            refuse(inPlace);
        }
        return chosen;
    }

    private void refuse(boolean inPlace) {
        if (inPlace) {
            complaint.about(
                    path,
                    "a trigger stands in for the application between two tables, and there is one; write application,"
                            + " or a trigger of your own");
        }
        if (fill.transform() != null) {
            complaint.about(path, "no trigger can call a transform in Java; write the expressions as SQL, into set");
        }
        if (fill.reads() != null) {
            complaint.about(
                    path,
                    "a trigger follows the rows of from, and not those that reads names; use expressions over the row"
                            + " alone, or write application");
        }
    }
}
