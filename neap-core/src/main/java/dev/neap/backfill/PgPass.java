package dev.neap.backfill;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** PostgreSQL's password file: lines of `host:port:database:user:password`, the first that matches wins. */
final class PgPass {
    private static final Logger LOG = LoggerFactory.getLogger(PgPass.class);
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private PgPass() {}

    static Optional<Secret> find(Environment environment, String host, int port, String database, String user) {
        String given = environment.nonEmpty("PGPASSFILE");
        Path file = given == null ? environment.home().resolve(".pgpass") : Path.of(given);
        if (!Files.isRegularFile(file) || !onlyMine(file)) {
            return Optional.empty();
        }
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(PgPass::fields)
                    .filter(fields -> fields.size() >= 5
                            && matches(fields.get(0), host)
                            && matches(fields.get(1), String.valueOf(port))
                            && matches(fields.get(2), database)
                            && matches(fields.get(3), user))
                    .map(fields -> new Secret(fields.get(4)))
                    .findFirst();
        } catch (IOException e) {
            LOG.warn("the password file {} cannot be read, so it is not used", file);
            return Optional.empty();
        }
    }

    /** As PostgreSQL's own clients do: a password file that others may read is not used. */
    private static boolean onlyMine(Path file) {
        try {
            for (PosixFilePermission permission : Files.getPosixFilePermissions(file)) {
                if (OTHERS.contains(permission)) {
                    LOG.warn("the password file {} is open to others, so it is not used; chmod 0600 {}", file, file);
                    return false;
                }
            }
        } catch (UnsupportedOperationException e) {
            // A file system that knows no such permissions.
            return true;
        } catch (IOException e) {
            LOG.warn("who may read the password file {} cannot be known, so it is not used", file);
            return false;
        }
        return true;
    }

    private static boolean matches(String field, String value) {
        return field.equals("*") || field.equals(value);
    }

    /** Splits at colons; a backslash keeps the next character as it is. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && i + 1 < line.length()) {
                i++;
                field.append(line.charAt(i));
            } else if (c == ':') {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
