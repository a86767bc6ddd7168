package dev.neap.backfill;

import dev.neap.backfill.BackfillSource.ProfileSource;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads `profiles`, and finds the one that was chosen. */
final class ProfileCompiler {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private final @Nullable String inFile;
    private final List<ProfileSource> own;
    private final Settings settings;
    private final Complaint complaint;
    private final Predicate<String> written;

    /**
     * @param inFile what the file says under `profile`
     * @param written whether the file has a key
     */
    ProfileCompiler(
            @Nullable String inFile,
            @Nullable List<ProfileSource> own,
            Settings settings,
            Complaint complaint,
            Predicate<String> written) {
        this.inFile = inFile;
        this.own = Objects.requireNonNullElse(own, List.of());
        this.settings = settings;
        this.complaint = complaint;
        this.written = written;
    }

    /** The chosen one; that of `prod` after a problem. */
    ChosenProfile chosen() {
        Map<String, ChosenProfile> known = new LinkedHashMap<>();
        for (Profile profile : Profile.values()) {
            known.put(profile.label(), ChosenProfile.of(profile));
        }
        for (int i = 1; i <= own.size(); i++) {
            add(own.get(i - 1), "profiles" + (written.test("profiles.1") ? "." + i : ""), known);
        }
        String name = settings.choose("profile", String.class, inFile, Profile.PROD.label(), "default");
        ChosenProfile chosen = known.get(name);
        if (chosen != null) {
            return chosen;
        }
        String message = "'" + name + "' is no profile; there are " + String.join(", ", known.keySet());
        if (name.equals(inFile)) {
            complaint.about("profile", message);
            return Objects.requireNonNull(known.get(Profile.PROD.label()));
        }
        throw new BackfillException("profile " + message);
    }

    private void add(ProfileSource source, String path, Map<String, ChosenProfile> known) {
        String name = source.name();
        if (!NAME.matcher(name).matches()) {
            complaint.about(
                    path,
                    "'" + name + "' is no name; write 1 to 63 letters, digits, '-', '_' or '.', beginning with a letter"
                            + " or digit");
        } else if (known.containsKey(name)) {
            boolean builtIn = Arrays.stream(Profile.values())
                    .anyMatch(profile -> profile.label().equals(name));
            complaint.about(
                    path,
                    "'" + name + "' is " + (builtIn ? "a profile of Neap's" : "there twice") + "; write another name");
        } else {
            Profile base = source.base();
            known.put(
                    name,
                    new ChosenProfile(
                            name,
                            base,
                            Objects.requireNonNullElse(source.batchRows(), base.batchRows()),
                            Objects.requireNonNullElse(source.rate(), new Ceiling(base.rate())),
                            source.failureLimit(),
                            source.pause(),
                            source.batchPause(),
                            throttle(source, path),
                            Objects.requireNonNullElse(source.server(), Map.of()),
                            source.errorBudget()));
        }
    }

    private Throttle throttle(ProfileSource source, String path) {
        Throttle base = Throttle.of(source.base());
        TimeLimit lag = source.replicaLag();
        return new Throttle(
                lag == null ? base.replicaLag() : lag.limit(),
                lag != null && lag.limit() != null,
                base.lockWaits(),
                base.own(),
                base.canary(),
                source.server() == null
                        ? base.server()
                        : new ServerSignalsCompiler(path + ".server.", complaint)
                                .signals(source.server(), base.server()),
                base.schedule());
    }
}
