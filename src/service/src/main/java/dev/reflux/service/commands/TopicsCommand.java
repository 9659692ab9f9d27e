package dev.reflux.service.commands;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.ExitCode;
import dev.reflux.service.UsageException;
import dev.reflux.service.report.TextTable;
import dev.reflux.service.runs.ContinuousJob;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.TopicState;
import dev.reflux.service.topics.Topics;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux topics}. */
@Command(
        name = "topics",
        description = {
            "Creates the pipeline's topics where they are missing and checks those that exist.",
            "An existing topic is never changed; what is wrong with one is said, and the exit code is then 1."
        })
public final class TopicsCommand implements Callable<Integer> {
    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Partitions of topics to create (default: 1, which keeps the events in one order).")
    private @Nullable Integer partitions;

    @Option(
            names = "--replication",
            paramLabel = "N",
            description = "Replicas of topics to create (default: as the brokers are set).")
    private @Nullable Integer replication;

    @Option(
            names = "--job",
            paramLabel = "JOB",
            description = "Only the topics of one job: distillation, scoring or drift (default: of all).")
    private @Nullable ContinuousJob job;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Pipeline pipeline = pipelineFile.read();
        Topics.Creation creation =
                new Topics.Creation(atLeastOne("--partitions", partitions), atLeastOne("--replication", replication));
        List<TopicState> states;
        try (Topics topics =
                new Topics(pipeline.kafka().bootstrapServers(), pipeline.kafka().properties())) {
            states = topics.ensure(job == null ? TopicPlan.ofAll(pipeline) : job.topics(pipeline), creation);
        }
        print(states);
        return states.stream().allMatch(TopicState::usable) ? ExitCode.OK : ExitCode.FAILED;
    }

    private void print(List<TopicState> states) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("topic", "partitions", "replicas", "cleanup", "max bytes", "state"));
        for (TopicState state : states) {
            rows.add(List.of(
                    state.name(),
                    Integer.toString(state.partitions()),
                    Integer.toString(state.replication()),
                    state.cleanupPolicy(),
                    Long.toString(state.maxMessageBytes()),
                    state.condition()));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(TextTable.of(rows));
        out.flush();
    }

    private static OptionalInt atLeastOne(String option, @Nullable Integer value) {
        if (value == null) {
            return OptionalInt.empty();
        }
        if (value < 1 || value > Short.MAX_VALUE) {
            throw new UsageException(option + " is " + value + ", must be 1 to " + Short.MAX_VALUE);
        }
        return OptionalInt.of(value);
    }
}
