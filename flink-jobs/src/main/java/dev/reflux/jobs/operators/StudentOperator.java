package dev.reflux.jobs.operators;

import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.reaction.StudentReaction;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.drift.DriftLevel;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.loop.FeedbackChannel;
import dev.reflux.jobs.loop.FeedbackChannels;
import dev.reflux.jobs.metrics.RefluxMetric;
import dev.reflux.jobs.publish.StudentPublisher;
import dev.reflux.jobs.report.Reports;
import dev.reflux.jobs.report.StudentReport;
import dev.reflux.jobs.wire.LessonRecord;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.jobs.wire.PackedBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * A student's half of the loop: studies each lesson, tells the teacher how it went, watches itself for drift, and offers
 * itself for publication. Its main output are checkpoint records.
 */
public class StudentOperator extends AbstractStreamOperator<OutgoingRecord>
        implements OneInputStreamOperator<LessonRecord, OutgoingRecord>, BoundedOneInput {

    private static final long serialVersionUID = 1L;
    private static final System.Logger LOGGER = System.getLogger(StudentOperator.class.getName());
    private static final String SECTION = "student-operator";
    private static final int VERSION = 4;

    private final JobSettings settings;
    private final String name;

    private transient LearningPlan plan;
    private transient Student student;
    private transient StudentReaction reaction;
    private transient StudentPublisher publisher;
    private transient DriftWatch drift;
    private transient DistributionWatch outputs;
    private transient GainWatch gain;
    private transient DriftLevel driftLevel;
    private transient @Nullable ByteBuffer lastBatch;
    private transient volatile @Nullable Feedback newest;
    private transient Histogram studyTime;
    private transient Histogram offerTime;
    private transient OperatorState state;

    public StudentOperator(JobSettings settings, String name) {
        this.settings = settings;
        this.name = name;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        plan = LearningPlan.of(settings);
        drift = DriftWatch.ofStudent(plan.pipeline(), name);
        outputs = DistributionWatch.ofStudent(plan, name);
        gain = new GainWatch(plan.pipeline().pipeline(), name);
        reaction = new StudentReaction(plan.reaction());
        driftLevel = DriftLevel.NONE;
        state = new OperatorState("student", context);
        Optional<StateReader> saved = state.saved();
        if (saved.isPresent()) {
            read(saved.get());
        } else {
            student = plan.createStudent(name);
            publisher = new StudentPublisher(plan);
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        OperatorMetrics metrics = new OperatorMetrics(getMetricGroup(), plan);
        metrics.student(student, reaction, drift, outputs, publisher, () -> newest);
        studyTime = metrics.timer(RefluxMetric.STUDENT_STUDY, name);
        offerTime = metrics.timer(RefluxMetric.GATE_OFFER, name);
    }

    @Override
    public void processElement(StreamRecord<LessonRecord> element) throws Exception {
        LessonRecord lesson = element.getValue();
        MicroBatch batch = plan.open(lesson.packed());
        long start = System.nanoTime();
        Lesson taught = lesson.lesson();
        Feedback feedback;
        if (taught == null) {
            feedback = student.study(batch.id(), plan.examples(batch));
            watch(batch, null, feedback);
        } else {
            FeedbackChannel channel = FeedbackChannels.find(lesson.channel());
            feedback = student.study(taught, plan.examples(batch));
            watch(batch, taught.predicted(), feedback);
            channel.put(feedback.withDriftLevel(driftLevel.ordinal()));
        }
        reaction.afterBatch(student, driftLevel.ordinal());
        newest = feedback;
        lastBatch = lesson.packed();
        studyTime.update(System.nanoTime() - start);
        drift.records(batch).forEach(found -> output.collect(Outputs.DRIFT, new StreamRecord<>(found)));
        outputs.records(batch).forEach(found -> output.collect(Outputs.DRIFT, new StreamRecord<>(found)));
        float[] control = student.controlLogits().orElse(null);
        if (control != null) {
            ModelOutputs own = new ModelOutputs(feedback.logits(), plan.classes());
            gain.watch(batch, own, new ModelOutputs(control, plan.classes()))
                    .forEach(found -> output.collect(Outputs.DRIFT, new StreamRecord<>(found)));
        }
        start = System.nanoTime();
        Optional<StudentPublisher.Offer> offer =
                publisher.afterBatch(student, batch, feedback.logits(), driftLevel.ordinal(), Instant.now());
        if (offer.isPresent()) {
            offerTime.update(System.nanoTime() - start);
            send(offer.get());
        }
    }

    private void watch(MicroBatch batch, float @Nullable [] taught, Feedback feedback) {
        ModelOutputs own = new ModelOutputs(feedback.logits(), plan.classes());
        driftLevel = drift.watch(batch, new ModelOutputs(taught, plan.classes()), own);
        outputs.watch(batch, own);
    }

    private void send(StudentPublisher.Offer offer) {
        output.collect(Outputs.DECISIONS, new StreamRecord<>(offer.decision()));
        offer.checkpoint().ifPresent(checkpoint -> output.collect(new StreamRecord<>(checkpoint)));
    }

    @Override
    public void endInput() throws Exception {
        if (lastBatch != null) {
            publisher
                    .atEnd(student, plan.open(lastBatch), driftLevel.ordinal(), Instant.now())
                    .ifPresent(this::send);
        }
    }

    @Override
    public void finish() throws Exception {
        Reports.add(
                getRuntimeContext(),
                StudentReport.of(
                        student,
                        publisher.published(),
                        publisher.held(),
                        publisher.sha256().orElse(null),
                        drift.alarms() + outputs.alarms()));
        super.finish();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        ByteBuffer last = lastBatch;
        byte[] lastBytes = last == null ? new byte[0] : PackedBytes.of(last);
        state.save(new StateWriter().section(SECTION, VERSION, section -> {
            student.write(section);
            publisher.write(section);
            drift.write(section);
            section.putInt(driftLevel.ordinal()).putBytes(lastBytes);
            outputs.write(section);
            reaction.write(section);
            gain.write(section);
        }));
        publisher.snapshotTaken(context.getCheckpointId());
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        try {
            publisher.checkpointComplete(checkpointId);
        } catch (IOException e) {
            // nobody misses what should be gone; learning must not stop for it
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "{0}: an old model is left in the store for now: {1}",
                    name,
                    e.getMessage());
        }
    }

    private void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        student = plan.readStudent(name, section);
        publisher = StudentPublisher.read(plan, name, section);
        drift = drift.read(section);
        driftLevel = DriftLevel.values()[section.getInt()];
        byte[] lastBytes = section.getBytes();
        if (lastBytes.length > 0) {
            lastBatch = PackedBytes.toBuffer(lastBytes);
        }
        if (section.version() > 1) {
            outputs = outputs.read(section);
        }
        if (section.version() > 2) {
            reaction.read(section, student);
        }
        if (section.version() > 3) {
            gain = gain.read(section);
        }
    }

    @Override
    public void close() throws Exception {
        if (publisher != null) {
            publisher.close();
        }
        if (student != null) {
            student.close();
        }
        super.close();
    }
}
