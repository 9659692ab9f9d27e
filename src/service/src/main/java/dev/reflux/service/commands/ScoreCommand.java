package dev.reflux.service.commands;

import dev.reflux.checkpoints.follow.FollowedStudent;
import dev.reflux.checkpoints.follow.Predictions;
import dev.reflux.checkpoints.follow.StudentFollower;
import dev.reflux.events.EventSchema;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.Rejection;
import dev.reflux.events.csv.CsvEvents;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.jobs.publish.RawColumns;
import dev.reflux.jobs.rows.RawEvents;
import dev.reflux.jobs.rows.RawRows;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux score}. */
@Command(
        name = "score",
        description = {
            "Scores the rows of a CSV file with the newest published student, through ONNX Runtime, and writes a"
                    + " prediction per row as CSV.",
            "A student published meanwhile takes over between two batches; the last column says which one scored a row."
        })
public final class ScoreCommand implements Callable<Integer> {
    private static final int LARGEST_BATCH = 65_536;

    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Mixin
    private CsvFile csv = new CsvFile();

    @Option(
            names = "--student",
            paramLabel = "NAME",
            description = "Score with this student (default: the pipeline's first one).")
    private @Nullable String student;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Write the predictions to FILE (default: standard output).")
    private @Nullable Path output;

    @Option(names = "--batch", paramLabel = "N", description = "Rows scored at once (default: ${DEFAULT-VALUE}).")
    private int batch = 512;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long to wait for a student (default: ${DEFAULT-VALUE}).")
    private double timeout = 30;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (batch < 1 || batch > LARGEST_BATCH) {
            throw new UsageException("--batch is " + batch + ", must be 1 to " + LARGEST_BATCH);
        }
        if (!(timeout >= 0)) {
            throw new UsageException("--timeout is " + timeout + " s, must be 0 or more");
        }
        Pipeline pipeline = pipelineFile.read();
        String name = FollowedPipeline.student(pipeline, student);
        try (CsvEvents events = csv.open(pipeline);
                Interruption interruption = new Interruption()) {
            PipelineTopic.require(pipeline, pipeline.topics().checkpoints());
            try (StudentFollower follower = new StudentFollower(FollowedPipeline.settings(pipeline, name))) {
                if (!follower.awaitStudent(Duration.ofNanos((long) (timeout * 1e9)))) {
                    throw new IllegalStateException("no student '" + name + "' on "
                            + pipeline.topics().checkpoints() + " within " + timeout + " s"
                            + follower.status().trouble().map(why -> ": " + why).orElse("; has one been published?"));
                }
                return score(pipeline, events, follower, interruption);
            }
        }
    }

    private int score(Pipeline pipeline, CsvEvents events, StudentFollower follower, Interruption interruption)
            throws IOException {
        PrintWriter terminal = spec.commandLine().getOut();
        EventSchema schema = PipelineSpecs.eventSchema(pipeline);
        RawEvents rows = new RawEvents(
                schema, Math.toIntExact(pipeline.events().maxBytes().bytes()), batch);
        if (output == null) {
            Tally tally = new Tally(schema, terminal);
            scoreAll(events, rows, follower, interruption, tally);
            terminal.flush();
            tally.print(spec.commandLine().getErr());
        } else {
            try (BufferedWriter file = Files.newBufferedWriter(output)) {
                Tally tally = new Tally(schema, file);
                scoreAll(events, rows, follower, interruption, tally);
                tally.print(terminal);
            }
        }
        return interruption.isRequested() ? interruption.exitCode() : ExitCode.OK;
    }

    private static void scoreAll(
            CsvEvents events, RawEvents rows, StudentFollower follower, Interruption interruption, Tally tally) {
        for (long row = 0; events.hasNext() && !interruption.isRequested(); row++) {
            Rejection rejection = rows.add(events.next(), 0, row, 0);
            if (rejection != null) {
                throw new UsageException("row " + (row + 1) + " cannot be scored: " + rejection.message());
            }
            if (rows.isFull()) {
                tally.score(rows.take(), follower);
            }
        }
        if (!rows.isEmpty()) {
            tally.score(rows.take(), follower);
        }
    }

    /** Writes predictions and counts what the summary tells. */
    private static final class Tally {

        private final EventSchema schema;
        private final Appendable predictions;
        private final long start = System.nanoTime();
        private @Nullable FollowedStudent last;
        private long rows;
        private long labelled;
        private long right;
        private long students;
        private long scoreNanos;

        Tally(EventSchema schema, Appendable predictions) {
            this.schema = schema;
            this.predictions = predictions;
        }

        void score(RawRows events, StudentFollower follower) {
            long began = System.nanoTime();
            Predictions found = follower.scoreColumns(inputs -> events.columns(new RawColumns(schema, inputs)));
            scoreNanos += System.nanoTime() - began;
            if (last == null) {
                write("row,prediction,confidence", found.classes());
            }
            if (last == null || last.offset() != found.student().offset()) {
                students++;
            }
            last = found.student();
            MicroBatch batch = events.batch();
            for (int row = 0; row < found.size(); row++) {
                write(found, row);
                int truth = batch.truth().get(row);
                if (truth >= 0) {
                    labelled++;
                    right += found.classes().get(truth).equals(found.label(row)) ? 1 : 0;
                }
            }
        }

        private void write(Predictions found, int row) {
            StringBuilder line = new StringBuilder().append(++rows).append(',').append(cell(found.label(row)));
            line.append(',').append(found.confidence(row));
            for (int column = 0; column < found.classes().size(); column++) {
                line.append(',').append(found.probability(row, column));
            }
            append(line.append(',').append(found.student().version()));
        }

        private void write(String heading, List<String> classes) {
            StringBuilder line = new StringBuilder(heading);
            classes.forEach(name -> line.append(',').append(cell("probability " + name)));
            append(line.append(",version"));
        }

        private void append(CharSequence line) {
            try {
                predictions.append(line).append('\n');
            } catch (IOException e) {
                throw new UncheckedIOException("the predictions cannot be written: " + e.getMessage(), e);
            }
        }

        private static String cell(String text) {
            boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
            return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
        }

        void print(PrintWriter to) {
            if (last == null) {
                to.println("no rows, nothing scored");
            } else {
                to.printf(
                        Locale.ROOT,
                        "%,d rows scored by %s v%d (%s old%s) in %.1f s, %,.0f rows/s in ONNX Runtime; %s%n",
                        rows,
                        last.manifest().student(),
                        last.version(),
                        CheckpointText.age(last.age(Instant.now())),
                        students == 1 ? "" : ", the last of " + students + " students",
                        (System.nanoTime() - start) / 1e9,
                        rows / Math.max(scoreNanos / 1e9, 1e-9),
                        labelled == 0
                                ? "no labels to compare with"
                                : String.format(
                                        Locale.ROOT,
                                        "accuracy %.4f on %,d labels",
                                        (double) right / labelled,
                                        labelled));
            }
            to.flush();
        }
    }
}
