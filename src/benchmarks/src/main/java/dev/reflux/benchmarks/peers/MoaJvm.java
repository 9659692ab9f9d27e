package dev.reflux.benchmarks.peers;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A JVM with MOA, for one learner on one stream after the other; everything in it computes on one thread. */
final class MoaJvm {

    /** Events at the start that are not timed. */
    static final int UNTIMED = MoaLearner.BLOCK;

    private static final int TRAILER = 2 * Long.BYTES;

    private final String classPath;

    /** @param classPath of {@link MoaClassPath} */
    MoaJvm(String classPath) {
        this.classPath = classPath;
    }

    /**
     * What a learner did.
     *
     * @param predicted class of each event, before it was learned
     * @param seconds of predicting and learning all but the first {@value #UNTIMED} events
     * @param processorSeconds those of them in which the learner's thread had a processor
     */
    record Result(byte[] predicted, double seconds, double processorSeconds) {}

    /**
     * @param learner as MOA writes it: class and options
     * @param stream as {@link MoaStream} wrote it
     */
    Result run(String learner, Path stream) throws IOException, InterruptedException {
        Path answer = Files.createTempFile("moa", ".predicted");
        Path log = Files.createTempFile("moa", ".log");
        try {
            ProcessBuilder builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx2g",
                            "-XX:+UseSerialGC",
                            "-Dai.djl.pytorch.num_threads=1",
                            "-Dai.djl.pytorch.num_interop_threads=1",
                            "-cp",
                            ProjectFolder.classes() + File.pathSeparator + classPath,
                            MoaLearner.class.getName(),
                            learner,
                            stream.toString(),
                            answer.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            // PyTorch's own threads are those of OpenMP and MKL
            builder.environment().put("OMP_NUM_THREADS", "1");
            builder.environment().put("MKL_NUM_THREADS", "1");
            Process process = builder.start();
            try {
                if (process.waitFor() != 0) {
                    throw new IOException("MOA's " + learner + " ended with exit code " + process.exitValue() + ": "
                            + Files.readString(log).strip());
                }
            } finally {
                process.destroy();
            }
            return result(Files.readAllBytes(answer));
        } finally {
            for (Path file : List.of(answer, log)) {
                Files.delete(file);
            }
        }
    }

    private static Result result(byte[] answer) throws IOException {
        int rows = answer.length - TRAILER;
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(answer))) {
            byte[] predicted = in.readNBytes(rows);
            return new Result(predicted, in.readLong() / 1e9, in.readLong() / 1e9);
        }
    }
}
