package dev.reflux.service.recovery;

import dev.reflux.service.Reflux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code reflux} in a JVM of its own. */
final class RefluxProcess implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 120;
    private static final int SIGINT = 2;

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
    static RefluxProcess start(Path folder, String name, String... command) throws IOException {
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

    boolean isAlive() {
        return process.isAlive();
    }

    /** Everything it has printed so far. */
    String output() throws IOException {
        return Files.readString(output);
    }

    /** SIGKILL: it can do nothing about it. Returns when it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, as by a plain {@code kill}. */
    int terminate() throws InterruptedException {
        process.destroy();
        return awaitEnd();
    }

    /** SIGINT, as by Ctrl-C. */
    int interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        return awaitEnd();
    }

    /** Whether processes started from here hear SIGINT: those of a shell's background do not. */
    static boolean hearsInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return true;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .allMatch(ignored -> (ignored & 1L << (SIGINT - 1)) == 0);
    }

    private int awaitEnd() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the process did not end within " + PATIENCE_SECONDS + " s of being asked to");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
