package dev.neap.backfill;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of a user's jar in a folder of its own for temporary files. It goes with the process; where that is killed, the next
 * copy takes it away. Whether a process is alive is told by a lock on a file, which the kernel lets go with it, and which
 * holds between containers that share the folder, as a process id does not.
 */
final class JarCopy {
    private static final String PREFIX = "neap-transform-";
    private static final String LOCK = "lock";
    private static final String JAR = "transform.jar";
    /** A folder without a jar may be one that is just being made. */
    private static final Duration MAKING = Duration.ofHours(1);

    /** Never let go: the locks of this process. To open one of these files again, and close it, would lose the lock. */
    private static final List<FileChannel> LOCKS = new ArrayList<>();

    private static final List<Path> MINE = new ArrayList<>();

    private JarCopy() {}

    /** Copies a jar. */
    static synchronized Path of(byte[] jar) throws IOException {
        Path folder = Files.createTempDirectory(PREFIX);
        MINE.add(folder);
        removeThoseOfTheDead(folder);
        Path lock = folder.resolve(LOCK);
        Path copy = folder.resolve(JAR);
        // The last that is named goes first.
        for (Path file : List.of(folder, lock, copy)) {
            file.toFile().deleteOnExit();
        }
        FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        LOCKS.add(channel);
        channel.lock();
        // After the lock: where a jar is, one was had.
        return Files.write(copy, jar, StandardOpenOption.CREATE_NEW);
    }

    private static void removeThoseOfTheDead(Path mine) throws IOException {
        Path temporary = mine.toAbsolutePath().getParent();
        UserPrincipal me = Files.getOwner(mine, LinkOption.NOFOLLOW_LINKS);
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
            for (Path folder : folders) {
                if (!MINE.contains(folder)) {
                    removeIfDead(folder, me);
                }
            }
        }
    }

    /** Whatever stands in the way leaves it there: it may be another user's, or just going. */
    private static void removeIfDead(Path folder, UserPrincipal me) {
        try {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(me)) {
                return;
            }
            if (Files.exists(folder.resolve(JAR)) ? unlocked(folder.resolve(LOCK)) : old(folder)) {
                Files.deleteIfExists(folder.resolve(JAR));
                Files.deleteIfExists(folder.resolve(LOCK));
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            return;
        }
    }

    private static boolean unlocked(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static boolean old(Path folder) throws IOException {
        return Files.getLastModifiedTime(folder)
                .toInstant()
                .isBefore(Instant.now().minus(MAKING));
    }
}
