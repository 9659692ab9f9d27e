package dev.reflux.service.runs;

import dev.reflux.service.Reflux;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code reflux} in a JVM of its own, with this test's class path. */
final class RefluxProcess implements AutoCloseable {
    private final Process process;
    private final Path output;

    private RefluxProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** @param folder working directory, also of the output */
    static RefluxProcess start(Path folder, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Reflux.class.getName()));
        command.addAll(List.of(arguments));
        File output = Files.createTempFile(folder, "reflux-", ".out").toFile();
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        return new RefluxProcess(process, output.toPath());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it has printed so far, to standard output and standard error. */
    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As Ctrl-C does. */
    int interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        return awaitExit();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after 90 s; it said:\n" + output());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
