package dev.reflux.service.support;

import dev.reflux.service.ExitCode;
import dev.reflux.service.Reflux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code reflux} in a JVM of its own, with the class path of the tests. */
public final class RefluxProcess implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 180;
    private static final int SIGINT = 2;
    private static final int TERMINATED = 143;

    private final Process process;
    private final Path output;

    private RefluxProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts a command.
     *
     * @param folder where it runs
     * @param name of this start; what it prints and logs goes to files of this name in the folder
     */
    public static RefluxProcess start(Path folder, String name, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx640m",
                "-XX:MaxDirectMemorySize=256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dreflux.log=" + folder.resolve(name + ".log"),
                "-cp",
                // the class path of the tests: failsafe's own process has it in a jar of its own
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Reflux.class.getName()));
        all.addAll(List.of(command));
        Path output = folder.resolve(name + ".out");
        ProcessBuilder builder = new ProcessBuilder(all)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(key -> key.startsWith("REFLUX_") || key.equals("JAVA_TOOL_OPTIONS"));
        return new RefluxProcess(builder.start(), output);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it has printed so far, to standard output and standard error. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGSTOP: it does nothing more until it is thawed or killed, and what it has written stays as it is. */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT: it goes on as if nothing had been. */
    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** SIGKILL: it can do nothing about it. Returns when it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends it in order with SIGTERM, as a plain {@code kill} does. */
    public void terminate() throws InterruptedException {
        process.destroy();
        awaitExit(TERMINATED);
    }

    /** Ends it in order with SIGINT, as Ctrl-C does, or with SIGTERM where it cannot hear that. */
    public void interrupt() throws IOException, InterruptedException {
        if (hearsInterrupts()) {
            signal("INT");
            awaitExit(ExitCode.INTERRUPTED);
        } else {
            terminate();
        }
    }

    /** Waits until it has ended by itself, or as it was asked to, with this exit code. */
    public void awaitExit(int expected) throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + PATIENCE_SECONDS + " s; it printed:\n" + output());
        }
        if (process.exitValue() != expected) {
            throw new AssertionError(
                    "exit code " + process.exitValue() + ", expected " + expected + "; it printed:\n" + output());
        }
    }

    /** Whether processes started from here hear SIGINT: those of a shell's background do not. */
    private static boolean hearsInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return true;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .allMatch(ignored -> (ignored & 1L << (SIGINT - 1)) == 0);
    }

    private void signal(String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("kill -" + name + " ended with " + code + "; the process printed:\n" + output());
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
