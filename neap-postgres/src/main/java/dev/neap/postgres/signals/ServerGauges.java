package dev.neap.postgres.signals;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.ServerSignal;
import dev.neap.backfill.ServerSignals;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.postgres.preflight.ServerDisk;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Signal;
import java.nio.file.FileStore;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which of its own signals a server can give, for one backfill. */
final class ServerGauges {
    private static final String COUNTS = "SELECT current_setting('track_counts')::boolean";

    private static final String ELSEWHERE =
            "the server is on another machine, or the role may not know where its data is (pg_read_all_settings)";

    private static final String UNTIMED = "it is told by the commits of `commits`, which is off";

    private final SignalSession session;
    private final PostgresSignals.Opener commits;
    private final boolean writes;
    private final String run;
    private final Backfill backfill;
    private final BeforeRun before;
    private final Batches batches;
    private final List<String> off = new ArrayList<>();
    /** That which times commits, once it is on. */
    private @Nullable CommitTime timed;

    /**
     * @param session the one that they share
     * @param commits opens the one that commits
     * @param writes whether one that writes may be read now
     * @param run how the names of the run's sessions begin
     * @param before what this process has measured
     * @param batches those of this process
     */
    ServerGauges(
            SignalSession session,
            PostgresSignals.Opener commits,
            boolean writes,
            String run,
            Backfill backfill,
            BeforeRun before,
            Batches batches) {
        this.session = session;
        this.commits = commits;
        this.writes = writes;
        this.run = run;
        this.backfill = backfill;
        this.before = before;
        this.batches = batches;
    }

    /**
     * Those that are on.
     *
     * @throws NeapException USAGE where the file asks for one that the server does not give
     */
    List<Signal> on() throws SQLException {
        ServerSignals wanted = backfill.throttle().server();
        List<Signal> signals = new ArrayList<>();
        for (Map.Entry<ServerSignal, Double> entry : wanted.limits().entrySet()) {
            double limit = entry.getValue();
            switch (entry.getKey()) {
                case CONNECTIONS -> signals.add(gauge(ConnectionsInUse.limits(limit), new ConnectionsInUse()));
                case TRANSACTION -> {
                    String hidden = OldestTransaction.hidden(session.connection());
                    if (hidden.isEmpty()) {
                        signals.add(gauge(OldestTransaction.limits(limit), new OldestTransaction(run)));
                    } else {
                        missing(ServerSignal.TRANSACTION, OldestTransaction.NAME, hidden);
                    }
                }
                case ARCHIVE_BACKLOG -> signals.add(gauge(ArchiveBacklog.limits(limit), new ArchiveBacklog()));
                case SLOT_WAL -> signals.add(gauge(SlotWal.limits(session.connection(), limit), new SlotWal()));
                case DEAD_ROWS -> {
                    List<String> tables = DeadRows.written(backfill);
                    if (!tables.isEmpty() && counted(ServerSignal.DEAD_ROWS)) {
                        signals.add(gauge(DeadRows.limits(limit), new DeadRows(tables, DeadRows.FEW)));
                    }
                }
                case DEADLOCKS -> {
                    if (counted(ServerSignal.DEADLOCKS)) {
                        signals.add(gauge(Deadlocks.limits(limit), new Deadlocks()));
                    }
                }
                case WAL_RATE ->
                    signals.add(gauge(WrittenBytes.limits(ServerSignal.WAL_RATE, limit), WrittenBytes.toTheLog()));
                case DISK -> {
                    Optional<FileStore> disk = ServerDisk.of(session.connection());
                    if (disk.isPresent()) {
                        signals.add(gauge(DiskInUse.limits(limit), new DiskInUse(disk.get())));
                    } else {
                        missing(ServerSignal.DISK, DiskInUse.NAME, ELSEWHERE);
                    }
                }
                case CPU, DISK_BUSY, DISK_WAIT, DISK_OPERATIONS -> {
                    ServerSignal signal = entry.getKey();
                    MachineLoad load = ServerDisk.folder(session.connection())
                            .flatMap(data -> MachineLoad.of(signal, data))
                            .orElseThrow(
                                    () -> new NeapException(
                                            Kind.USAGE,
                                            "throttle.server." + signal.key() + ": " + ELSEWHERE
                                                    + ", or this machine does not tell (only Linux does, of disks that are its own)"));
                    signals.add(gauge(MachineLoad.limits(signal, limit), load));
                }
                case STATEMENTS -> {
                    StatementTime.Found found = StatementTime.on(session.connection(), before.statements());
                    found.look().ifPresent(look -> signals.add(gauge(StatementTime.limits(limit), look)));
                    if (found.look().isEmpty()) {
                        missing(ServerSignal.STATEMENTS, StatementTime.NAME, found.missing());
                    }
                }
                case TEMP_FILES -> {
                    if (counted(ServerSignal.TEMP_FILES)) {
                        signals.add(gauge(
                                WrittenBytes.limits(ServerSignal.TEMP_FILES, limit), WrittenBytes.toTemporaryFiles()));
                    }
                }
                case COMMITS -> {
                    String why = CommitTime.missing(session.connection(), writes);
                    if (!why.isEmpty()) {
                        missing(ServerSignal.COMMITS, CommitTime.NAME, why);
                    } else if (writes) {
                        CommitTime time = new CommitTime(commits, limit, before, batches);
                        signals.add(time);
                        timed = time;
                    } else {
                        off.add("the " + CommitTime.NAME
                                + " is measured by commits, and so from the run's beginning on");
                    }
                }
                case DISTURBANCE -> {
                    CommitTime time = timed;
                    if (time != null) {
                        signals.add(new CommitDisturbance(limit, time.disturbance(), batches));
                    } else if (writes) {
                        missing(ServerSignal.DISTURBANCE, CommitDisturbance.NAME, UNTIMED);
                    }
                }
            }
        }
        return signals;
    }

    /** Why others are off, a sentence for each. */
    List<String> off() {
        return off;
    }

    private Gauge gauge(Limits limits, SignalSession.Look look) {
        return new Gauge(session, limits, look);
    }

    /** Whether the server counts what the signal is made of; where not, it is off, since nothing would be all it says. */
    private boolean counted(ServerSignal signal) throws SQLException {
        boolean counts = Query.of(session.connection(), COUNTS).truth();
        if (!counts) {
            missing(signal, signal.label(), "the server does not count it; ALTER SYSTEM SET track_counts = on");
        }
        return counts;
    }

    private void missing(ServerSignal signal, String name, String why) {
        if (backfill.throttle().server().asked().contains(signal)) {
            throw new NeapException(Kind.USAGE, "throttle.server." + signal.key() + ": " + why);
        }
        off.add("the " + name + " is not watched: " + why);
    }
}
