package dev.reflux.service.commands;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.ErrorText;
import dev.reflux.service.ExitCode;
import dev.reflux.service.UsageException;
import dev.reflux.service.cluster.JobJars;
import dev.reflux.service.runs.ContinuousJob;
import dev.reflux.service.topics.Topics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux submit}. */
@Command(
        name = "submit",
        description = {
            "Gives a pipeline's job to a Flink cluster, with the jars that it needs, and returns when the cluster has taken"
                    + " it.",
            "The jars with native libraries (DJL, PyTorch, ONNX Runtime) are not sent: they belong into the lib folder of"
                    + " the cluster, since a second job could not load them again."
        })
public final class SubmitCommand implements Callable<Integer> {
    private static final int HIGHEST_PORT = 65_535;

    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Option(
            names = "--cluster",
            paramLabel = "HOST:PORT",
            defaultValue = "localhost:8081",
            description = "REST address of the cluster (default: ${DEFAULT-VALUE}).")
    private String cluster = "localhost:8081";

    @Option(names = "--job", paramLabel = "JOB", description = ContinuousJob.IN_WORDS + " (default: ${DEFAULT-VALUE}).")
    private ContinuousJob job = ContinuousJob.DISTILLATION;

    @Option(
            names = "--from",
            paramLabel = "PATH",
            description = "Savepoint or retained checkpoint to go on from (default: start from nothing).")
    private @Nullable String from;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Pipeline pipeline = pipelineFile.read();
        String[] address = cluster.split(":", -1);
        if (address.length != 2 || address[0].isBlank() || !address[1].matches("\\d{1,5}")) {
            throw new UsageException(
                    "--cluster is '" + cluster + "', must be HOST:PORT of the cluster's REST endpoint");
        }
        int port = Integer.parseInt(address[1]);
        if (port < 1 || port > HIGHEST_PORT) {
            throw new UsageException("--cluster is '" + cluster + "', its port must be 1 to " + HIGHEST_PORT);
        }
        requireTopics(pipeline);
        List<Path> jars = JobJars.ofClassPath();
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createRemoteEnvironment(
                address[0],
                port,
                configuration(pipeline),
                jars.stream().map(Path::toString).toArray(String[]::new));
        job.build(environment, pipeline);
        JobClient client;
        try {
            client = environment.executeAsync();
        } catch (Exception e) {
            throw new IllegalStateException(
                    "the cluster at " + cluster + " did not take the job: " + ErrorText.of(e), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("job " + client.getJobID() + " (" + job.name().toLowerCase(Locale.ROOT) + " of "
                + pipeline.pipeline() + ") was taken by the cluster at " + cluster + ", with " + jars.size() + " jars");
        out.flush();
        return ExitCode.OK;
    }

    private void requireTopics(Pipeline pipeline) {
        String brokers = pipeline.kafka().bootstrapServers();
        try (Topics topics = new Topics(brokers, pipeline.kafka().properties())) {
            List<String> missing = topics.missing(job.topics(pipeline));
            if (!missing.isEmpty()) {
                throw new UsageException("the brokers at " + brokers + " have no topic " + String.join(", ", missing)
                        + "; create them with: reflux topics PIPELINE.yaml");
            }
        }
    }

    /** A folder without a scheme would be another one on each machine: then the cluster's own setting holds. */
    private Configuration configuration(Pipeline pipeline) {
        Configuration configuration = new Configuration();
        String folder = pipeline.flink().checkpointDirectory();
        if (folder.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*")) {
            configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
            configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder);
        }
        if (from != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, from);
        }
        return configuration;
    }
}
