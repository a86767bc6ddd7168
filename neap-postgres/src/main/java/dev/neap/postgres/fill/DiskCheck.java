package dev.neap.postgres.fill;

import dev.neap.postgres.preflight.Bytes;
import dev.neap.postgres.preflight.ServerDisk;
import dev.neap.preflight.Finding;
import java.io.IOException;
import java.nio.file.FileStore;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Room for what a fill writes. Free space cannot be asked for in SQL; where the server is on this machine it is looked at. */
final class DiskCheck {
    private static final String NAME = "disk";

    /** Below this nobody has to look. */
    private static final long LITTLE = 1L << 30;

    private DiskCheck() {}

    /**
     * What of it should be known.
     *
     * @param tableBytes by how much the tables may grow
     * @param walBytes how much log is written, most of which the server takes away again
     */
    static List<Finding> look(FillSubject subject, long tableBytes, long walBytes) throws SQLException {
        Optional<FileStore> disk = ServerDisk.of(subject.connection());
        return verdict(tableBytes, walBytes, disk.map(DiskCheck::free).orElse(OptionalLong.empty()));
    }

    private static OptionalLong free(FileStore disk) {
        try {
            return OptionalLong.of(disk.getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    static List<Finding> verdict(long tableBytes, long walBytes, OptionalLong freeBytes) {
        String what = "the tables may grow by " + Bytes.of(tableBytes) + ", and " + Bytes.of(walBytes)
                + " of log are written";
        if (freeBytes.isEmpty()) {
            return tableBytes + walBytes < LITTLE
                    ? List.of()
                    : List.of(Finding.note(
                            NAME,
                            what,
                            "the server does not tell its free space in SQL, so look with df on its machine"));
        }
        long free = freeBytes.getAsLong();
        String seen = what + "; " + Bytes.of(free) + " are free in the server's data folder";
        if (tableBytes > free) {
            return List.of(Finding.error(
                    NAME,
                    seen,
                    "a full disk stops the whole server",
                    "make room, or fill a part of the keys at a time"));
        }
        return tableBytes + walBytes > free
                ? List.of(Finding.warning(
                        NAME,
                        seen,
                        "the log of a fast fill, or one that a replication slot keeps, fills the disk",
                        "make room, or lower pace.rate so that the log is taken away as it comes"))
                : List.of();
    }
}
