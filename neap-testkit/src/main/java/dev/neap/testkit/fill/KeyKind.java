package dev.neap.testkit.fill;

import java.nio.ByteBuffer;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;

/** Kinds of keys. Each makes a key of any number up to a million, no two the same, most of them in the numbers' order. */
public enum KeyKind {
    /** With holes. */
    BIGINT(List.of("k"), List.of("bigint")) {
        @Override
        List<String> parts(long n) {
            return List.of(String.valueOf(n * 7 + n % 5));
        }
    },
    NEGATIVE(List.of("k"), List.of("bigint")) {
        @Override
        List<String> parts(long n) {
            return List.of(String.valueOf((n - 350_000) * 3));
        }
    },
    UUIDS(List.of("k"), List.of("uuid")) {
        @Override
        List<String> parts(long n) {
            SplittableRandom random = new SplittableRandom(n);
            return List.of(new UUID(random.nextLong(), n).toString());
        }
    },
    COMPOSITE(List.of("a", "b"), List.of("int", "text")) {
        @Override
        List<String> parts(long n) {
            return List.of(String.valueOf(n / 20_000 - 15), (n % 2 == 0 ? "b" : "B") + n % 20_000);
        }
    },
    /** In an order that is not that of the bytes. */
    TEXT(List.of("k"), List.of("text COLLATE \"en-x-icu\"")) {
        @Override
        List<String> parts(long n) {
            List<String> heads = List.of("a", "B", "é", "Z", "_", "z ", "ä'", "E");
            return List.of(heads.get((int) (n % heads.size())) + Long.toString(n, 36));
        }
    },
    TIMESTAMPS(List.of("k"), List.of("timestamptz")) {
        @Override
        List<String> parts(long n) {
            LocalDateTime second = LocalDateTime.of(1969, 12, 29, 0, 0).plusSeconds(n);
            return List.of(second.format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT))
                    + ".%05d7+00".formatted(n % 100_000));
        }
    },
    BYTES(List.of("k"), List.of("bytea")) {
        @Override
        List<String> parts(long n) {
            byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(n).array();
            // From 0x00 to 0xff at the front, and of two lengths.
            number[4] = (byte) (n % 251);
            return List.of("\\x" + HexFormat.of().formatHex(number, 4, 8) + (n % 3 == 0 ? "00" : ""));
        }
    };

    private final List<String> columns;
    private final List<String> types;

    KeyKind(List<String> columns, List<String> types) {
        this.columns = columns;
        this.types = types;
    }

    abstract List<String> parts(long n);

    List<String> columns() {
        return columns;
    }

    /** PostgreSQL's types, the others' words are made of the kind. */
    List<String> types() {
        return types;
    }

    /** Whether bounds can be written as numbers. */
    boolean numbers() {
        return this == BIGINT || this == NEGATIVE;
    }
}
