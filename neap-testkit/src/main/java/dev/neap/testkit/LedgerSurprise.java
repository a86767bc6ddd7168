package dev.neap.testkit;

/** A transaction of the application did not find what it must find. */
final class LedgerSurprise extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long id;

    LedgerSurprise(String message, long id) {
        super(message);
        this.id = id;
    }

    long id() {
        return id;
    }
}
