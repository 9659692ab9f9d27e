package dev.reflux.jobs;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.scoring.ScoringJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entry point of a cluster that runs one job of a pipeline (Flink's application mode):
 *
 * <pre>
 * PIPELINE.yaml [--job distillation|scoring] [--resume] [--set PATH=VALUE]...
 * </pre>
 *
 * <p>{@code --resume} goes on from the newest Flink checkpoint or savepoint below the cluster's
 * {@code execution.checkpointing.dir}, if there is one and the cluster has not been told another place to go on from.
 */
public final class PipelineJob {

    private static final Logger LOG = LoggerFactory.getLogger(PipelineJob.class);

    private PipelineJob() {}

    /**
     * What the arguments say.
     *
     * @param settings each {@code PATH=VALUE}
     */
    record Arguments(java.nio.file.Path file, boolean scoring, boolean resume, List<String> settings) {

        static Arguments of(String... args) {
            String file = null;
            boolean scoring = false;
            boolean resume = false;
            List<String> settings = new ArrayList<>();
            for (int i = 0; i < args.length; i++) {
                switch (args[i]) {
                    case "--resume" -> resume = true;
                    case "--job" -> scoring = isScoring(value(args, ++i));
                    case "--set" -> settings.add(value(args, ++i));
                    default -> {
                        if (file != null || args[i].startsWith("-")) {
                            throw new IllegalArgumentException("argument '" + args[i]
                                    + "' found, must be: PIPELINE.yaml [--job distillation|scoring]"
                                    + " [--resume] [--set PATH=VALUE]...");
                        }
                        file = args[i];
                    }
                }
            }
            if (file == null) {
                throw new IllegalArgumentException("no pipeline file among the arguments; it comes first");
            }
            return new Arguments(java.nio.file.Path.of(file), scoring, resume, List.copyOf(settings));
        }

        private static String value(String[] args, int at) {
            if (at >= args.length) {
                throw new IllegalArgumentException(
                        "argument '" + args[at - 1] + "' is the last one, must have a value");
            }
            return args[at];
        }

        private static boolean isScoring(String job) {
            return switch (job) {
                case "scoring" -> true;
                case "distillation" -> false;
                default ->
                    throw new IllegalArgumentException("--job is '" + job + "', must be distillation or scoring");
            };
        }
    }

    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.of(args);
        Pipeline pipeline = PipelineReader.read(arguments.file(), System.getenv(), arguments.settings());
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        if (arguments.resume()) {
            resume(environment);
        }
        String brokers = pipeline.kafka().bootstrapServers();
        if (arguments.scoring()) {
            ScoringJob.build(environment, pipeline, brokers);
        } else {
            DistillationJob.build(
                    environment, pipeline, new DistillationJob.Options(brokers, OptionalLong.empty(), 1, 0));
        }
        environment.execute();
    }

    private static void resume(StreamExecutionEnvironment environment) {
        ReadableConfig cluster = environment.getConfiguration();
        String folder = cluster.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY);
        if (folder == null) {
            throw new IllegalStateException(
                    "--resume needs the cluster's " + CheckpointingOptions.CHECKPOINTS_DIRECTORY.key()
                            + ", which is not set: set it to a place that all of its processes reach");
        }
        if (cluster.get(StateRecoveryOptions.SAVEPOINT_PATH) != null) {
            return;
        }
        RetainedCheckpoints.newest(new Path(folder)).ifPresent(newest -> {
            LOG.info("going on from {}", newest);
            environment.configure(
                    Configuration.fromMap(Map.of(StateRecoveryOptions.SAVEPOINT_PATH.key(), newest.toString())));
        });
    }
}
