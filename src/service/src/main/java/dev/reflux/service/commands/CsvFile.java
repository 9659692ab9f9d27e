package dev.reflux.service.commands;

import dev.reflux.events.csv.CsvEvents;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.service.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The CSV file that a command reads events from. */
final class CsvFile {
    @Option(
            names = "--csv",
            required = true,
            paramLabel = "FILE",
            description =
                    "The events: CSV with a header, plain or .gz; the label in its column, else in the last one; an empty"
                            + " cell is a missing value.")
    private Path file = Path.of("events.csv");

    @Option(names = "--limit", paramLabel = "N", description = "Read at most N rows.")
    private long limit = Long.MAX_VALUE;

    Path file() {
        return file;
    }

    long limit() {
        if (limit < 1) {
            throw new UsageException("--limit is " + limit + ", must be 1 or more");
        }
        return limit;
    }

    /** Rows that will be read. */
    long count() {
        requireReadable();
        try {
            long rows = Math.min(limit(), CsvEvents.count(file));
            if (rows == 0) {
                throw new UsageException("--csv " + file + " has no rows below its header");
            }
            return rows;
        } catch (IOException e) {
            throw new UsageException("--csv " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    CsvEvents open(Pipeline pipeline) {
        requireReadable();
        try {
            return CsvEvents.open(PipelineSpecs.eventSchema(pipeline), file, limit());
        } catch (IOException e) {
            throw new UsageException("--csv " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void requireReadable() {
        if (!Files.isRegularFile(file)) {
            throw new UsageException("--csv " + file + ": no such file");
        }
    }
}
