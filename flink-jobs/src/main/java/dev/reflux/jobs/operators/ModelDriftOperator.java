package dev.reflux.jobs.operators;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.report.Reports;
import dev.reflux.jobs.report.TeacherReport;
import dev.reflux.jobs.wire.BatchRecord;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.util.Optional;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Watches a model that learns nothing here, the pipeline's frozen teacher: what it says inside the events, or says when it
 * is asked. Its output are drift records.
 */
public class ModelDriftOperator extends AbstractStreamOperator<OutgoingRecord>
        implements OneInputStreamOperator<BatchRecord, OutgoingRecord> {

    private static final long serialVersionUID = 1L;
    private static final String SECTION = "model-drift-operator";
    private static final int VERSION = 1;

    private final JobSettings settings;

    private transient LearningPlan plan;
    private transient Teacher model;
    private transient DriftWatch drift;
    private transient DistributionWatch outputs;
    private transient OperatorState state;

    public ModelDriftOperator(JobSettings settings) {
        this.settings = settings;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        plan = LearningPlan.of(settings);
        drift = DriftWatch.ofTeacher(plan.pipeline());
        outputs = DistributionWatch.ofTeacher(plan);
        state = new OperatorState("model-drift", context);
        Optional<StateReader> saved = state.saved();
        if (saved.isPresent()) {
            StateReader section = saved.get().section(SECTION, VERSION);
            model = plan.readTeacher(section);
            drift = drift.read(section);
            outputs = outputs.read(section);
        } else {
            model = plan.createTeacher();
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        new OperatorMetrics(getMetricGroup(), plan).modelDrift(model, drift, outputs);
    }

    @Override
    public void processElement(StreamRecord<BatchRecord> element) {
        MicroBatch batch = plan.open(element.getValue().packed());
        Lesson said = model.teach(batch.id(), plan.examples(batch));
        ModelOutputs own = new ModelOutputs(said.predicted(), plan.classes());
        drift.watch(batch, own, own);
        outputs.watch(batch, own);
        drift.records(batch).forEach(found -> output.collect(new StreamRecord<>(found)));
        outputs.records(batch).forEach(found -> output.collect(new StreamRecord<>(found)));
    }

    @Override
    public void finish() throws Exception {
        Reports.add(getRuntimeContext(), TeacherReport.of(model, drift.alarms() + outputs.alarms()));
        super.finish();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        state.save(new StateWriter().section(SECTION, VERSION, section -> {
            model.write(section);
            drift.write(section);
            outputs.write(section);
        }));
    }

    @Override
    public void close() throws Exception {
        if (model != null) {
            model.close();
        }
        super.close();
    }
}
