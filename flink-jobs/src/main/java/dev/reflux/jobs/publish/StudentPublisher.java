package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.RetainedModels;
import dev.reflux.checkpoints.gate.Candidate;
import dev.reflux.checkpoints.gate.CheckpointGate;
import dev.reflux.checkpoints.gate.DecisionRecord;
import dev.reflux.checkpoints.gate.DriftLevel;
import dev.reflux.checkpoints.gate.GateDecision;
import dev.reflux.checkpoints.gate.Reason;
import dev.reflux.checkpoints.onnx.OnnxModelBuilder.TextInput;
import dev.reflux.checkpoints.onnx.Precision;
import dev.reflux.checkpoints.onnx.PrecisionMeter;
import dev.reflux.checkpoints.onnx.StudentVerifier;
import dev.reflux.checkpoints.sign.CheckpointSigner;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.quality.Quality;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Offers a student to its gate and makes the checkpoint record when the gate lets it pass. The exported model has by then
 * been run on rows of the stream and given what the live student gives.
 */
public final class StudentPublisher implements AutoCloseable {

    private static final String SECTION = "publisher";
    private static final int VERSION = 3;

    private final LearningPlan plan;
    private final CheckpointGate gate;
    private final Precision precision;
    private final EvaluationWindow window;
    private RetainedModels models;
    private final NavigableMap<Long, Long> marks = new TreeMap<>();
    private long visible;
    private final Optional<CheckpointSigner> signer;
    private final Map<Reason.Code, Long> decisions = new EnumMap<>(Reason.Code.class);
    private @Nullable Champion champion;
    private long published;
    private long held;
    private long offeredAtStep = -1;
    private String sha256 = "";
    private Published last = new Published(0, 0, 0, Double.NaN);

    /**
     * The checkpoint published last, for those who watch.
     *
     * @param bytes size of the model
     * @param maxDifference largest difference of a probability between the exported and the live student
     */
    public record Published(long step, int bytes, long createdMillis, double maxDifference) {}

    public StudentPublisher(LearningPlan plan) {
        this(plan, new CheckpointGate(plan.gatePolicy()));
    }

    private StudentPublisher(LearningPlan plan, CheckpointGate gate) {
        this.plan = plan;
        this.gate = gate;
        this.precision = plan.pipeline().checkpoints().precision();
        this.window = new EvaluationWindow(plan);
        this.models = new RetainedModels(
                plan.modelStore(), plan.pipeline().checkpoints().keep(), List.of());
        this.signer = StudentAccess.signer(plan.pipeline(), System.getenv());
    }

    /**
     * What came of an offer.
     *
     * @param decision record of it, with the reasons
     * @param checkpoint record of the student, if it was published
     */
    public record Offer(OutgoingRecord decision, Optional<OutgoingRecord> checkpoint) {}

    /**
     * After each batch: offers the student when it is due.
     *
     * @param logits that the student gave for the batch before it learned it, {@code [size, classes]}
     */
    public Optional<Offer> afterBatch(Student student, MicroBatch batch, float[] logits, int driftLevel, Instant now)
            throws IOException {
        gate.observeDrift(DriftLevel.values()[driftLevel], student.seen());
        if (champion != null && gate.wantsComparison()) {
            champion.compare(batch, logits, gate);
        }
        if (precision != Precision.FP32 && gate.isOfferNear()) {
            window.add(batch);
        }
        return gate.countBatch() ? Optional.of(offer(student, batch, driftLevel, now)) : Optional.empty();
    }

    /** At the end of the stream: offers the student if it has learned since it was last offered. */
    public Optional<Offer> atEnd(Student student, MicroBatch batch, int driftLevel, Instant now) throws IOException {
        return student.steps() > offeredAtStep ? Optional.of(offer(student, batch, driftLevel, now)) : Optional.empty();
    }

    private Offer offer(Student student, MicroBatch batch, int driftLevel, Instant now) throws IOException {
        offeredAtStep = student.steps();
        Export export = new Export(student, batch);
        GateDecision decision = gate.decide(
                new Candidate(student.steps(), student.seen(), quality(student), DriftLevel.values()[driftLevel]),
                export::verify,
                export::precisionLoss);
        decision.reasons().forEach(reason -> decisions.merge(reason.code(), 1L, Long::sum));
        Optional<OutgoingRecord> checkpoint = Optional.empty();
        if (decision.isPublished()) {
            checkpoint = Optional.of(publish(student, decision, export, now));
            if (plan.pipeline().checkpoints().gate().maxRegression() < 1) {
                crown(student);
            }
        } else {
            held++;
        }
        DecisionRecord sent = DecisionRecord.encode(
                plan.pipeline().pipeline(), student.name(), decision, now, decision.isPublished() ? sha256 : null);
        return new Offer(new OutgoingRecord(sent.key(), sent.value(), sent.headers(), now.toEpochMilli()), checkpoint);
    }

    private static Manifest.Quality quality(Student student) {
        Quality quality = student.quality().recent();
        return new Manifest.Quality(
                quality.accuracy(),
                quality.kappa(),
                quality.logLoss(),
                quality.calibrationError(),
                student.recentAgreement(),
                quality.events());
    }

    private OutgoingRecord publish(Student student, GateDecision decision, Export export, Instant now)
            throws IOException {
        byte[] model = export.model();
        Manifest.Verification verification = export.verify();
        sha256 = Checkpoint.sha256(model);
        OptionalLong parent = decision.publishedStep();
        Manifest manifest = new Manifest(
                plan.pipeline().pipeline(),
                student.name(),
                student.steps(),
                student.seen(),
                now,
                sha256,
                model.length,
                StudentExport.columns(plan.studentSchema(student.name())),
                plan.schema().label().classes(),
                decision.candidate().quality(),
                parent.isPresent() ? (Long) parent.getAsLong() : null,
                decision.forManifest(),
                verification,
                precision.wireName(),
                export.precisionLoss().orElse(null),
                null);
        CheckpointRecord unsigned =
                CheckpointRecord.encode(new Checkpoint(manifest, model), plan.inlineLimit(), models);
        CheckpointRecord record = signer.map(key -> unsigned.withSignature(key.sign(unsigned.value())))
                .orElse(unsigned);
        published++;
        last = new Published(student.steps(), model.length, now.toEpochMilli(), verification.maxDifference());
        return new OutgoingRecord(record.key(), record.value(), record.headers(), now.toEpochMilli());
    }

    private void crown(Student student) {
        Champion before = champion;
        champion = Champion.copyOf(student, plan);
        if (before != null) {
            before.close();
        }
    }

    /** Export, verification and what fewer bits cost, each made when first asked for. */
    private final class Export {

        private final Student student;
        private final MicroBatch batch;
        private byte @Nullable [] full;
        private byte @Nullable [] model;
        private Manifest.@Nullable Verification verification;
        private Manifest.@Nullable PrecisionLoss precisionLoss;

        Export(Student student, MicroBatch batch) {
            this.student = student;
            this.batch = batch;
        }

        /** What is published. */
        byte[] model() {
            if (model == null) {
                model = precision == Precision.FP32 ? full() : onnx(precision, TextInput.RAW);
            }
            return model;
        }

        private byte[] full() {
            if (full == null) {
                full = onnx(Precision.FP32, TextInput.RAW);
            }
            return full;
        }

        private byte[] onnx(Precision weights, TextInput texts) {
            Map<String, String> metadata = new LinkedHashMap<>();
            metadata.put("pipeline", plan.pipeline().pipeline());
            metadata.put("student", student.name());
            metadata.put("step", Long.toString(student.steps()));
            return StudentExport.onnx(student.model(), plan.studentSchema(student.name()), metadata, weights, texts);
        }

        /** Of the graph with the weights as they were trained; that of fewer bits differs from it in them alone. */
        Manifest.Verification verify() {
            if (verification == null) {
                VerificationRows rows = VerificationRows.of(batch, plan, student.name());
                Examples examples = rows.examples();
                float[] logits = new float[examples.size() * plan.classes()];
                student.model().predict(examples, 0, examples.size(), logits);
                verification = StudentVerifier.againstLogits(full(), rows.raw(), logits);
            }
            return verification;
        }

        /** On the evaluation window; of a batch, the texts are gone, so both graphs take their tokens. */
        Optional<Manifest.PrecisionLoss> precisionLoss() {
            if (precisionLoss == null && precision != Precision.FP32) {
                List<MicroBatch> batches = window.batches().isEmpty() ? List.of(batch) : window.batches();
                RawColumns columns =
                        new RawColumns(plan.schema(), StudentExport.columns(plan.studentSchema(student.name())));
                try (PrecisionMeter meter = new PrecisionMeter(
                        onnx(Precision.FP32, TextInput.BUCKETS), onnx(precision, TextInput.BUCKETS))) {
                    for (MicroBatch one : batches) {
                        meter.add(columns.withTokens(one), one.truth());
                    }
                    precisionLoss = meter.loss();
                }
            }
            return Optional.ofNullable(precisionLoss);
        }
    }

    /** Remembers what a Flink checkpoint covers. */
    public void snapshotTaken(long checkpoint) {
        marks.put(checkpoint, models.mark());
    }

    /**
     * Deletes models that are too old. Consumers see what a Flink checkpoint covers a moment after it is complete, so
     * those before go by the checkpoint before: whatever a consumer reads at this moment has its model.
     *
     * @throws IOException when one cannot be deleted; it is tried again with the next checkpoint
     */
    public void checkpointComplete(long checkpoint) throws IOException {
        long before = visible;
        Long mark = marks.get(checkpoint);
        if (mark != null) {
            visible = mark;
            marks.headMap(checkpoint, true).clear();
        }
        models.prune(before);
    }

    /** Checkpoints published since the start. */
    public long published() {
        return published;
    }

    /** Times that the gate held the student back since the start. */
    public long held() {
        return held;
    }

    /** Decisions that had a reason of this kind since the start. */
    public long decisions(Reason.Code code) {
        return decisions.getOrDefault(code, 0L);
    }

    /** The checkpoint published last; step 0 before the first. */
    public Published last() {
        return last;
    }

    /** SHA-256 of the model published last; empty before the first. */
    public Optional<String> sha256() {
        return sha256.isEmpty() ? Optional.empty() : Optional.of(sha256);
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            section.putBytes(gate.state())
                    .putLong(published)
                    .putLong(held)
                    .putLong(offeredAtStep)
                    .putString(sha256)
                    .putLong(last.step())
                    .putInt(last.bytes())
                    .putLong(last.createdMillis())
                    .putDouble(last.maxDifference());
            section.putInt(decisions.size());
            decisions.forEach((code, count) -> section.putString(code.name()).putLong(count));
            section.putInt(champion == null ? 0 : 1);
            if (champion != null) {
                champion.write(section);
            }
            window.write(section);
            section.putInt(models.uris().size());
            models.uris().forEach(section::putString);
        });
    }

    public static StudentPublisher read(LearningPlan plan, String student, StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        StudentPublisher publisher =
                new StudentPublisher(plan, CheckpointGate.restore(plan.gatePolicy(), section.getBytes()));
        publisher.published = section.getLong();
        publisher.held = section.getLong();
        publisher.offeredAtStep = section.getLong();
        publisher.sha256 = section.getString();
        publisher.last = new Published(section.getLong(), section.getInt(), section.getLong(), section.getDouble());
        if (section.version() > 1) {
            int codes = section.getInt();
            for (int i = 0; i < codes; i++) {
                publisher.decisions.put(Reason.Code.valueOf(section.getString()), section.getLong());
            }
            if (section.getInt() == 1) {
                publisher.champion = section.version() == 2
                        ? Champion.readStudent(plan, student, section)
                        : Champion.read(plan, student, section);
            }
            publisher.window.read(section);
            List<String> uris = new ArrayList<>();
            int stored = section.getInt();
            for (int i = 0; i < stored; i++) {
                uris.add(section.getString());
            }
            publisher.models = new RetainedModels(
                    plan.modelStore(), plan.pipeline().checkpoints().keep(), uris);
        }
        return publisher;
    }

    @Override
    public void close() {
        if (champion != null) {
            champion.close();
        }
    }
}
