package dev.reflux.service.commands;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command writes its report as JSON, if anywhere. */
final class ReportFile {
    @Option(names = "--report", paramLabel = "FILE", description = "Write the report to FILE, as JSON.")
    private @Nullable Path file;

    /** Writes the report if the user named a file, and says so. */
    void write(String json, PrintWriter out) {
        if (file != null) {
            write(json);
            out.println("report written to " + file);
        }
    }

    /** Writes the report if the user named a file. */
    void write(String json) {
        if (file == null) {
            return;
        }
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.writeString(file, json + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("the report cannot be written to " + file + ": " + e.getMessage(), e);
        }
    }
}
