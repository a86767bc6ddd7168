package dev.neap.run;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A request, from a signal or a caller, to stop at the next safe point. Safe for many threads; it never un-stops. */
public final class Stop {
    private final AtomicReference<@Nullable String> reason = new AtomicReference<>();
    private volatile @Nullable Runnable hook;

    /** Asks for the stop. The first reason stays. */
    public void request(String why) {
        if (reason.compareAndSet(null, why)) {
            Runnable now = hook;
            if (now != null) {
                now.run();
            }
        }
    }

    public boolean requested() {
        return reason.get() != null;
    }

    public @Nullable String reason() {
        return reason.get();
    }

    /** What is run once when the stop is asked for, such as waking a sleeper; at once if it was already. */
    public void onRequest(Runnable hook) {
        this.hook = hook;
        if (requested()) {
            hook.run();
        }
    }
}
