package dev.reflux.service.commands;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointFeed.Entry;
import dev.reflux.checkpoints.CheckpointFeed.Published;
import dev.reflux.checkpoints.CheckpointReader;
import dev.reflux.checkpoints.CheckpointReader.Start;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.gate.Candidate;
import dev.reflux.checkpoints.gate.Comparison;
import dev.reflux.checkpoints.gate.DecisionRecord;
import dev.reflux.checkpoints.gate.DriftLevel;
import dev.reflux.checkpoints.gate.GateDecision;
import dev.reflux.checkpoints.gate.Reason;
import dev.reflux.checkpoints.onnx.OnnxStudent;
import dev.reflux.checkpoints.sign.CheckpointSigner;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.ExitCode;
import dev.reflux.service.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux rollback}. */
@Command(
        name = "rollback",
        description = {
            "Publishes an older student again, as the newest: consumers take it at once. Its manifest says where it comes"
                    + " from.",
            "The topic keeps each version for at least a day. A job that runs goes on training and publishes its own"
                    + " student at the next offer."
        })
public final class RollbackCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int VERSIONS_SHOWN = 10;
    private static final int ENVELOPE_BYTES = 8 << 20;

    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "VERSION",
            description = "Version of the student to publish again, as 'reflux follow' shows it.")
    private long version;

    @Option(
            names = "--student",
            paramLabel = "NAME",
            description = "Of this student (default: the pipeline's first one).")
    private @Nullable String student;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why; goes into the manifest and the record of the decision.")
    private String reason = "rolled back by hand";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Pipeline pipeline = pipelineFile.read();
        String name = FollowedPipeline.student(pipeline, student);
        PipelineTopic.require(pipeline, pipeline.topics().checkpoints());
        PipelineTopic.require(pipeline, pipeline.topics().checkpointDecisions());
        Acceptance acceptance = FollowedPipeline.acceptance(pipeline);
        Optional<CheckpointSigner> signer = FollowedPipeline.signer(pipeline);
        History history = History.read(pipeline, name, version, acceptance);
        PrintWriter out = spec.commandLine().getOut();
        Manifest newest = history.newest();
        if (newest.step() == version) {
            out.println(name + " v" + version + " is the newest already; nothing to do");
            out.flush();
            return ExitCode.OK;
        }
        Checkpoint again = again(history.wanted(), newest.step());
        requireLoadable(again);
        publish(pipeline, again, acceptance, signer);
        out.println(name + " v" + version + ", trained on "
                + again.manifest().eventsSeen() + " events and first published "
                + again.manifest().rollback().created() + ", is published again in place of v" + newest.step());
        out.flush();
        return ExitCode.OK;
    }

    private Checkpoint again(Checkpoint wanted, long from) {
        Manifest old = wanted.manifest();
        Manifest.Rollback before = old.rollback();
        Manifest.Rollback rollback =
                new Manifest.Rollback(from, before == null ? old.created() : before.created(), reason);
        Manifest manifest = new Manifest(
                old.pipeline(),
                old.student(),
                old.step(),
                old.eventsSeen(),
                Instant.now(),
                old.sha256(),
                old.size(),
                old.inputs(),
                old.classes(),
                old.quality(),
                from,
                new Manifest.Gate(Manifest.Decision.PUBLISHED, List.of(text(from))),
                old.verification(),
                old.precision(),
                old.precisionLoss(),
                rollback);
        return new Checkpoint(manifest, wanted.model());
    }

    private String text(long from) {
        return "published again in place of v" + from + ": " + reason;
    }

    /** It did when it was published; this is the last chance to find out that it does no more. */
    private static void requireLoadable(Checkpoint checkpoint) {
        new OnnxStudent(checkpoint.model()).close();
    }

    private void publish(Pipeline pipeline, Checkpoint again, Acceptance acceptance, Optional<CheckpointSigner> signer)
            throws IOException, InterruptedException {
        CheckpointRecord plain = CheckpointRecord.encode(
                again, Math.toIntExact(pipeline.checkpoints().inlineLimit().bytes()), acceptance.store());
        CheckpointRecord record =
                signer.map(key -> plain.withSignature(key.sign(plain.value()))).orElse(plain);
        Manifest manifest = again.manifest();
        DecisionRecord decision = DecisionRecord.encode(
                manifest.pipeline(),
                manifest.student(),
                new GateDecision(
                        Manifest.Decision.PUBLISHED,
                        new Candidate(manifest.step(), manifest.eventsSeen(), manifest.quality(), DriftLevel.NONE),
                        List.of(new Reason(
                                Reason.Code.ROLLBACK, manifest.gate().reasons().get(0))),
                        OptionalLong.empty(),
                        null,
                        Comparison.NONE),
                manifest.created(),
                manifest.sha256());
        Map<String, Object> properties = new HashMap<>(FollowedPipeline.clientProperties(pipeline));
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, record.value().length + ENVELOPE_BYTES);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(record.toProducerRecord(pipeline.topics().checkpoints()))
                    .get();
            producer.send(new ProducerRecord<>(
                            pipeline.topics().checkpointDecisions(),
                            null,
                            decision.key(),
                            decision.value(),
                            headers(decision.headers())))
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "the student could not be published: " + e.getCause().getMessage(), e.getCause());
        }
    }

    private static List<Header> headers(Map<String, String> texts) {
        List<Header> headers = new ArrayList<>();
        texts.forEach((name, text) -> headers.add(new RecordHeader(name, text.getBytes(StandardCharsets.UTF_8))));
        return headers;
    }

    /**
     * What the topic still has of a student.
     *
     * @param newest manifest of the student that consumers have now
     * @param wanted the version asked for
     */
    private record History(Manifest newest, Checkpoint wanted) {

        static History read(Pipeline pipeline, String student, long version, Acceptance acceptance) {
            String topic = pipeline.topics().checkpoints();
            Manifest newest = null;
            Checkpoint wanted = null;
            Map<Long, Instant> versions = new LinkedHashMap<>();
            try (CheckpointReader reader = new CheckpointReader(
                    FollowedPipeline.clientProperties(pipeline),
                    topic,
                    Optional.of(student),
                    Start.BEGINNING,
                    acceptance)) {
                while (!reader.atEnd()) {
                    for (Entry entry : reader.poll(POLL)) {
                        if (entry instanceof Published published) {
                            newest = published.checkpoint().manifest();
                            versions.remove(newest.step());
                            versions.put(newest.step(), newest.created());
                            wanted = newest.step() == version ? published.checkpoint() : wanted;
                        }
                    }
                }
            }
            if (newest == null || wanted == null) {
                throw new UsageException("--to " + version + ": " + topic + " has no such version of '" + student
                        + "'; it has " + inWords(versions));
            }
            return new History(newest, wanted);
        }

        private static String inWords(Map<Long, Instant> versions) {
            if (versions.isEmpty()) {
                return "none that can be read";
            }
            List<String> last = versions.entrySet().stream()
                    .skip(Math.max(0, versions.size() - VERSIONS_SHOWN))
                    .map(one -> "v" + one.getKey() + " (" + one.getValue() + ")")
                    .toList();
            return (last.size() < versions.size() ? "among others " : "") + String.join(", ", last);
        }
    }
}
