package dev.reflux.service;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Ctrl-C, or a plain {@code kill}, as something to wait for: the JVM goes on, and the command ends it when everything is
 * in order. A second one ends the process at once.
 *
 * <p>A shutdown hook would not do: hooks run side by side, and ONNX Runtime's takes the native library away from the job
 * that is just exporting its last student.
 *
 * <p>Signals have no public API in Java; {@code sun.misc.Signal} is in the module that exists for such needs
 * ({@code jdk.unsupported}), and is called by reflection since the compiler would warn of its name. On a JVM without it,
 * Ctrl-C ends the process at once, which loses nothing but the time since the last Flink checkpoint.
 */
public final class Interruption implements AutoCloseable {
    private static final int SIGNAL_BASE = 128;

    private final CompletableFuture<Integer> requested = new CompletableFuture<>();
    private final Map<Object, Object> formerHandlers = new LinkedHashMap<>();

    /** Takes over {@code INT} and {@code TERM} until closed. */
    public Interruption() {
        handle("INT");
        handle("TERM");
    }

    /** Completes when the user wants the command to end. */
    public CompletableFuture<?> requested() {
        return requested;
    }

    public boolean isRequested() {
        return requested.isDone();
    }

    /** For a command that ended in order because it was asked to: 128 and the signal's number, as shells have it. */
    public int exitCode() {
        return requested.getNow(ExitCode.INTERRUPTED);
    }

    @Override
    public void close() {
        formerHandlers.forEach((signal, handler) -> {
            try {
                install(signal, handler);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("a signal handler that could be set cannot be reset", e);
            }
        });
        formerHandlers.clear();
    }

    private void received(int number) {
        if (!requested.complete(SIGNAL_BASE + number)) {
            System.err.println("reflux: ended at once");
            Runtime.getRuntime().halt(ExitCode.FAILED);
        }
    }

    private void handle(String name) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            int number = (int) signalType.getMethod("getNumber").invoke(signal);
            InvocationHandler onSignal = (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                    received(number);
                    yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "Interruption of " + name;
            };
            Object handler =
                    Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType}, onSignal);
            formerHandlers.put(signal, install(signal, handler));
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // no such class, or the JVM keeps the signal for itself (-Xrs): the signal does what it always did
        }
    }

    private static Object install(Object signal, Object handler) throws ReflectiveOperationException {
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Method handle = signal.getClass().getMethod("handle", signal.getClass(), handlerType);
        return handle.invoke(null, signal, handler);
    }
}
