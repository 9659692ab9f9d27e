package dev.reflux.service.commands;

import dev.reflux.checkpoints.CheckpointFeed.Rejected;
import dev.reflux.checkpoints.follow.FollowedStudent;
import dev.reflux.checkpoints.follow.FollowerListener;
import dev.reflux.checkpoints.follow.StudentFollower;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.StudentSettings;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux follow}. */
@Command(
        name = "follow",
        description = {
            "Prints each student as it is published, the newest first, as a consumer sees it: checked, loaded into ONNX"
                    + " Runtime and tried.",
            "A record that a consumer would pass over is printed with the reason."
        })
public final class FollowCommand implements Callable<Integer> {
    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Option(names = "--student", paramLabel = "NAME", description = "Follow this student (default: all of them).")
    private @Nullable String student;

    @Option(names = "--once", description = "End with the newest student of each, instead of waiting for more.")
    private boolean once;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "With --once: how long to wait for a first student (default: ${DEFAULT-VALUE}).")
    private double timeout = 30;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        if (!(timeout >= 0)) {
            throw new UsageException("--timeout is " + timeout + " s, must be 0 or more");
        }
        Pipeline pipeline = pipelineFile.read();
        List<String> names = student == null
                ? pipeline.students().stream().map(StudentSettings::name).toList()
                : List.of(FollowedPipeline.student(pipeline, student));
        PrintWriter out = spec.commandLine().getOut();
        try (Interruption interruption = new Interruption()) {
            PipelineTopic.require(pipeline, pipeline.topics().checkpoints());
            Printer printer = new Printer(out);
            printer.say("following " + String.join(", ", names) + " on "
                    + pipeline.topics().checkpoints() + " at "
                    + pipeline.kafka().bootstrapServers());
            List<StudentFollower> followers = new ArrayList<>();
            try {
                names.forEach(
                        name -> followers.add(new StudentFollower(FollowedPipeline.settings(pipeline, name), printer)));
                return once ? awaitAll(names, followers, interruption) : awaitInterruption(interruption);
            } finally {
                followers.forEach(StudentFollower::close);
            }
        }
    }

    private static int awaitInterruption(Interruption interruption) throws InterruptedException {
        try {
            interruption.requested().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the wait for a signal failed", e);
        }
        return interruption.exitCode();
    }

    private int awaitAll(List<String> names, List<StudentFollower> followers, Interruption interruption)
            throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofNanos((long) (timeout * 1e9)));
        for (int i = 0; i < followers.size(); i++) {
            StudentFollower follower = followers.get(i);
            CompletableFuture<Boolean> arrived = CompletableFuture.supplyAsync(() -> await(follower, end));
            try {
                CompletableFuture.anyOf(arrived, interruption.requested())
                        .get((long) (timeout * 1000) + 5_000, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IllegalStateException("the wait for a student failed", e);
            }
            if (interruption.isRequested()) {
                return interruption.exitCode();
            }
            if (!arrived.join()) {
                PrintWriter err = spec.commandLine().getErr();
                err.println("reflux: no student '" + names.get(i) + "' within " + timeout + " s"
                        + follower.status().trouble().map(why -> ": " + why).orElse("; has one been published?"));
                err.flush();
                return ExitCode.FAILED;
            }
        }
        return ExitCode.OK;
    }

    private static boolean await(StudentFollower follower, Instant end) {
        try {
            Duration left = Duration.between(Instant.now(), end);
            return follower.awaitStudent(left.isNegative() ? Duration.ZERO : left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Followers call it from threads of their own. */
    private record Printer(PrintWriter out) implements FollowerListener {

        @Override
        public void taken(FollowedStudent found) {
            say(CheckpointText.line(found, Instant.now()));
        }

        @Override
        public void rejected(Rejected found) {
            say("passed over the record " + found.partition() + "/" + found.offset() + " (" + found.problem() + "): "
                    + found.message());
        }

        @Override
        public void troubled(String why) {
            say("cannot read the topic, trying again: " + why);
        }

        private void say(String line) {
            synchronized (out) {
                out.println(line);
                out.flush();
            }
        }
    }
}
