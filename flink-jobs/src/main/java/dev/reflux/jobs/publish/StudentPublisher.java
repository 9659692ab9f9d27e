package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.ModelStore;
import dev.reflux.checkpoints.gate.Candidate;
import dev.reflux.checkpoints.gate.CheckpointGate;
import dev.reflux.checkpoints.gate.DriftLevel;
import dev.reflux.checkpoints.onnx.StudentVerifier;
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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Offers a student to its gate and makes the checkpoint record when the gate lets it pass. The exported model has by then
 * been run on rows of the stream and given what the live student gives.
 */
public final class StudentPublisher {

    private static final String SECTION = "publisher";
    private static final int VERSION = 1;

    private final LearningPlan plan;
    private final CheckpointGate gate;
    private final ModelStore store;
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
        this.store = plan.modelStore();
    }

    /** After each batch: offers the student when it is due. */
    public Optional<OutgoingRecord> afterBatch(Student student, MicroBatch batch, int driftLevel, Instant now)
            throws IOException {
        return gate.countBatch() ? offer(student, batch, driftLevel, now) : Optional.empty();
    }

    /** At the end of the stream: offers the student if it has learned since it was last offered. */
    public Optional<OutgoingRecord> atEnd(Student student, MicroBatch batch, int driftLevel, Instant now)
            throws IOException {
        return student.steps() > offeredAtStep ? offer(student, batch, driftLevel, now) : Optional.empty();
    }

    private Optional<OutgoingRecord> offer(Student student, MicroBatch batch, int driftLevel, Instant now)
            throws IOException {
        offeredAtStep = student.steps();
        OptionalLong parent = gate.lastPublishedStep();
        Quality quality = student.quality().recent();
        Export export = new Export(student, batch);
        Manifest.Gate decision = gate.decide(
                new Candidate(student.steps(), student.seen(), quality.accuracy(), DriftLevel.values()[driftLevel]),
                export::verify);
        if (decision.decision() == Manifest.Decision.HELD) {
            held++;
            return Optional.empty();
        }
        byte[] model = export.model();
        Manifest.Verification verification = export.verify();
        sha256 = Checkpoint.sha256(model);
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
                new Manifest.Quality(
                        quality.accuracy(),
                        quality.kappa(),
                        quality.logLoss(),
                        quality.calibrationError(),
                        student.recentAgreement(),
                        quality.events()),
                parent.isPresent() ? (Long) parent.getAsLong() : null,
                decision,
                verification,
                Manifest.FP32);
        CheckpointRecord record = CheckpointRecord.encode(new Checkpoint(manifest, model), plan.inlineLimit(), store);
        published++;
        last = new Published(student.steps(), model.length, now.toEpochMilli(), verification.maxDifference());
        return Optional.of(new OutgoingRecord(
                record.key(),
                record.value(),
                Map.of(CheckpointRecord.FORMAT_HEADER, CheckpointRecord.FORMAT),
                now.toEpochMilli()));
    }

    /** Export and verification, made when first asked for. */
    private final class Export {

        private final Student student;
        private final MicroBatch batch;
        private byte @Nullable [] model;
        private Manifest.@Nullable Verification verification;

        Export(Student student, MicroBatch batch) {
            this.student = student;
            this.batch = batch;
        }

        byte[] model() {
            if (model == null) {
                Map<String, String> metadata = new LinkedHashMap<>();
                metadata.put("pipeline", plan.pipeline().pipeline());
                metadata.put("student", student.name());
                metadata.put("step", Long.toString(student.steps()));
                model = StudentExport.onnx(student.model(), plan.studentSchema(student.name()), metadata);
            }
            return model;
        }

        Manifest.Verification verify() {
            if (verification == null) {
                VerificationRows rows = VerificationRows.of(batch, plan, student.name());
                Examples examples = rows.examples();
                float[] logits = new float[examples.size() * plan.classes()];
                student.model().predict(examples, 0, examples.size(), logits);
                verification = StudentVerifier.againstLogits(model(), rows.raw(), logits);
            }
            return verification;
        }
    }

    /** Checkpoints published since the start. */
    public long published() {
        return published;
    }

    /** Times that the gate held the student back since the start. */
    public long held() {
        return held;
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
        out.section(
                SECTION,
                VERSION,
                section -> section.putBytes(gate.state())
                        .putLong(published)
                        .putLong(held)
                        .putLong(offeredAtStep)
                        .putString(sha256)
                        .putLong(last.step())
                        .putInt(last.bytes())
                        .putLong(last.createdMillis())
                        .putDouble(last.maxDifference()));
    }

    public static StudentPublisher read(LearningPlan plan, StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        StudentPublisher publisher =
                new StudentPublisher(plan, CheckpointGate.restore(plan.gatePolicy(), section.getBytes()));
        publisher.published = section.getLong();
        publisher.held = section.getLong();
        publisher.offeredAtStep = section.getLong();
        publisher.sha256 = section.getString();
        publisher.last = new Published(section.getLong(), section.getInt(), section.getLong(), section.getDouble());
        return publisher;
    }
}
