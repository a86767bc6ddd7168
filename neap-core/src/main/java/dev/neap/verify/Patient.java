package dev.neap.verify;

import dev.neap.dialect.Difference;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.SecondWrites;
import dev.neap.dialect.TableVerifier;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Waits for whoever keeps a table locked against readers: a verification of hours need not end for a migration of seconds.
 * Each try queues for a short time only, and says who that is.
 */
final class Patient implements TableVerifier {
    private static final Duration BETWEEN = Duration.ofSeconds(1);

    private final TableVerifier bench;
    private final Duration patience;
    private final VerifyWatch watch;

    private Patient(TableVerifier bench, Duration patience, VerifyWatch watch) {
        this.bench = bench;
        this.patience = patience;
        this.watch = watch;
    }

    /**
     * Opens one, and waits likewise.
     *
     * @param patience how long one lock is waited for
     * @throws NeapException LOCK when that was in vain
     */
    static TableVerifier open(Supplier<TableVerifier> opening, Duration patience, VerifyWatch watch) {
        return new Patient(patiently(opening, patience, watch), patience, watch);
    }

    private static <T> T patiently(Supplier<T> work, Duration patience, VerifyWatch watch) {
        long until = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return work.get();
            } catch (NeapException e) {
                if (e.kind() != Kind.LOCK || System.nanoTime() - until > 0) {
                    throw e;
                }
                watch.waiting(String.valueOf(e.getMessage()));
                watch.sleep(BETWEEN);
            }
        }
    }

    private <T> T patiently(Supplier<T> work) {
        return patiently(work, patience, watch);
    }

    @Override
    public Ground ground() {
        return bench.ground();
    }

    @Override
    public String shape() {
        return patiently(bench::shape);
    }

    @Override
    public Optional<List<String>> last() {
        return patiently(bench::last);
    }

    @Override
    public Optional<List<String>> upper(Part part, int rows) {
        return patiently(() -> bench.upper(part, rows));
    }

    @Override
    public Compared compare(Part part) {
        return patiently(() -> bench.compare(part));
    }

    @Override
    public Compared aggregates(Part part) {
        return patiently(() -> bench.aggregates(part));
    }

    @Override
    public List<Difference> differences(Part part) {
        return patiently(() -> bench.differences(part));
    }

    @Override
    public Looked look(List<List<String>> keys, boolean locked) {
        return patiently(() -> bench.look(keys, locked));
    }

    @Override
    public long rows() {
        return patiently(bench::rows);
    }

    @Override
    public List<List<String>> pick(int places, RandomGenerator random) {
        return patiently(() -> bench.pick(places, random));
    }

    @Override
    public String moment() {
        return patiently(bench::moment);
    }

    @Override
    public List<List<String>> written(Part part, String since) {
        return patiently(() -> bench.written(part, since));
    }

    @Override
    public SecondWrites writes(List<List<String>> keys, String since) {
        return patiently(() -> bench.writes(keys, since));
    }

    @Override
    public boolean tellsApart() {
        return patiently(bench::tellsApart);
    }

    @Override
    public void close() {
        bench.close();
    }
}
