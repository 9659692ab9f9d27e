package dev.reflux.jobs.operators;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.reaction.TeacherReaction;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.TeacherSnapshot;
import dev.reflux.jobs.loop.FeedbackChannel;
import dev.reflux.jobs.loop.FeedbackChannels;
import dev.reflux.jobs.loop.PendingBatch;
import dev.reflux.jobs.report.Reports;
import dev.reflux.jobs.report.TeacherReport;
import dev.reflux.jobs.wire.BatchRecord;
import dev.reflux.jobs.wire.LessonRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * The teacher's half of the loop. For each batch it first learns the oldest batches that wait with their feedback, until
 * at most {@code feedback.lag} wait; then it teaches the batch, which now waits itself. What it knows when it teaches
 * batch t is therefore always all feedback up to batch t - lag - 1, whatever the threads do.
 *
 * <p>Before a checkpoint barrier it waits until every waiting batch has its feedback, without learning any early:
 * nothing of the loop is under way at the barrier, and no result depends on when checkpoints were taken.
 */
public class TeacherOperator extends AbstractStreamOperator<LessonRecord>
        implements OneInputStreamOperator<BatchRecord, LessonRecord>, BoundedOneInput {

    private static final long serialVersionUID = 1L;
    private static final String SECTION = "teacher-operator";
    private static final int VERSION = 3;

    private final JobSettings settings;

    private transient LearningPlan plan;
    private transient Teacher teacher;
    private transient TeacherReaction reaction;
    private transient FeedbackChannel channel;
    private transient Deque<PendingBatch> pending;
    private transient DriftWatch drift;
    private transient DistributionWatch outputs;
    private transient OperatorState state;
    private transient LoopTimes times;

    public TeacherOperator(JobSettings settings) {
        this.settings = settings;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        plan = LearningPlan.of(settings);
        pending = new ArrayDeque<>();
        drift = DriftWatch.ofTeacher(plan.pipeline());
        outputs = DistributionWatch.ofTeacher(plan);
        reaction = plan.createTeacherReaction();
        state = new OperatorState("teacher", context);
        Optional<StateReader> saved = state.saved();
        if (saved.isPresent()) {
            read(saved.get());
        } else {
            teacher = plan.createTeacher();
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        channel = FeedbackChannels.open(plan.studentNames(), plan.lag() + 2);
        OperatorMetrics metrics = new OperatorMetrics(getMetricGroup(), plan);
        metrics.teacher(teacher, reaction, drift, outputs, () -> pending.size());
        times = new LoopTimes(metrics);
    }

    @Override
    public void processElement(StreamRecord<BatchRecord> element) throws Exception {
        while (pending.size() > plan.lag()) {
            learnOldest();
        }
        MicroBatch batch = plan.open(element.getValue().packed());
        Examples examples = plan.examples(batch);
        long start = System.nanoTime();
        Lesson lesson = teacher.teach(batch.id(), examples);
        times.taught(batch.id(), start);
        reaction.afterTeaching(teacher, examples, lesson);
        ModelOutputs own = new ModelOutputs(lesson.predicted(), plan.classes());
        reaction.react(teacher, drift.watch(batch, own, own).ordinal());
        outputs.watch(batch, own);
        drift.records(batch).forEach(found -> output.collect(Outputs.DRIFT, new StreamRecord<>(found)));
        outputs.records(batch).forEach(found -> output.collect(Outputs.DRIFT, new StreamRecord<>(found)));
        pending.add(new PendingBatch(batch.id(), element.getValue().packed()));
        output.collect(new StreamRecord<>(
                new LessonRecord(channel.id(), element.getValue().packed(), lesson)));
    }

    private void learnOldest() throws InterruptedException {
        PendingBatch oldest = awaitFeedback(pending.remove());
        Examples examples = plan.examples(plan.open(oldest.packed()));
        long start = System.nanoTime();
        teacher.learn(examples, oldest.feedback());
        times.learned(oldest.batch(), start);
        reaction.afterLearning(teacher, examples, oldest.feedback());
    }

    private PendingBatch awaitFeedback(PendingBatch batch) throws InterruptedException {
        if (batch.feedback() != null) {
            return batch;
        }
        long start = System.nanoTime();
        PendingBatch answered = batch.withFeedback(channel.take(batch.batch()));
        times.waited(start);
        return answered;
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        super.prepareSnapshotPreBarrier(checkpointId);
        for (int waiting = pending.size(); waiting > 0; waiting--) {
            pending.add(awaitFeedback(pending.remove()));
        }
    }

    @Override
    public void endInput() throws Exception {
        while (!pending.isEmpty()) {
            learnOldest();
        }
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        saveTeacher();
    }

    private void saveTeacher() throws IOException {
        String place = plan.pipeline().teacher().save();
        if (place != null) {
            TeacherSnapshot.save(place, plan, teacher.models());
        }
    }

    @Override
    public void finish() throws Exception {
        saveTeacher();
        Reports.add(getRuntimeContext(), TeacherReport.of(teacher, drift.alarms() + outputs.alarms()));
        super.finish();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        state.save(new StateWriter().section(SECTION, VERSION, section -> {
            teacher.write(section);
            drift.write(section);
            section.putInt(pending.size());
            pending.forEach(batch -> batch.write(section));
            outputs.write(section);
            reaction.write(section);
        }));
    }

    private void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        teacher = plan.readTeacher(section);
        drift = drift.read(section);
        int waiting = section.getInt();
        for (int i = 0; i < waiting; i++) {
            pending.add(PendingBatch.read(section));
        }
        if (section.version() > 1) {
            outputs = outputs.read(section);
        }
        if (section.version() > 2) {
            reaction.read(section, teacher);
        }
    }

    @Override
    public void close() throws Exception {
        if (channel != null) {
            FeedbackChannels.close(channel);
        }
        if (reaction != null) {
            reaction.close();
        }
        if (teacher != null) {
            teacher.close();
        }
        super.close();
    }
}
