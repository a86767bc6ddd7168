package dev.neap.cli;

import dev.neap.dialect.NeapException;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Turns Ctrl-C and SIGTERM into a request to stop at the next safe point; a second one ends the process at once. The JDK's
 * signals have no supported interface, so they are reached by reflection; where they are not there, a shutdown hook does
 * the same.
 */
final class Signals {
    private static final int SIGTERM = 15;

    private final Stop stop;
    private final Consumer<String> say;
    private final AtomicInteger exitCode = new AtomicInteger();

    Signals(Stop stop, Consumer<String> say) {
        this.stop = stop;
        this.say = say;
    }

    /** From now on, until the process ends. */
    void install() {
        try {
            handle("INT", ExitCode.INTERRUPTED);
            handle("TERM", ExitCode.TERMINATED);
            handle("HUP", ExitCode.TERMINATED);
        } catch (ReflectiveOperationException | RuntimeException e) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> onSignal(128 + SIGTERM), "neap-stop"));
        }
    }

    /** What the process ends with where a signal stopped it; 0 where none came. */
    int exitCode() {
        return exitCode.get();
    }

    /**
     * A run under these signals.
     *
     * @throws Signalled when one of them met it where it could not say how it stands
     */
    RunResult during(Supplier<RunResult> run) {
        try {
            return run.get();
        } catch (NeapException e) {
            if (e.kind() == NeapException.Kind.STOPPED && exitCode() != 0) {
                throw new Signalled(e, exitCode());
            }
            throw e;
        }
    }

    /** A signal ended it. */
    static final class Signalled extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int exitCode;

        Signalled(NeapException cause, int exitCode) {
            super(cause.getMessage(), cause);
            this.exitCode = exitCode;
        }

        int exitCode() {
            return exitCode;
        }
    }

    private void handle(String name, int code) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object proxy = Proxy.newProxyInstance(
                Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                    if (method.getName().equals("handle")) {
                        onSignal(code);
                        return null;
                    }
                    return switch (method.getName()) {
                        case "hashCode" -> System.identityHashCode(self);
                        case "equals" -> arguments != null && self == arguments[0];
                        default -> "neap's handler of signals";
                    };
                });
        try {
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (InvocationTargetException e) {
            // The JVM keeps some signals to itself, for example HUP where nohup set it aside.
            if (!name.equals("HUP")) {
                throw e;
            }
        }
    }

    /** What one signal does; a test calls it as the JVM would. */
    void onSignal(int code) {
        if (exitCode.compareAndSet(0, code)) {
            say.accept("stopping at the next safe point; once more to end at once");
            stop.request(code == ExitCode.INTERRUPTED ? "interrupted (Ctrl-C)" : "terminated by a signal");
        } else {
            Runtime.getRuntime().halt(code);
        }
    }
}
