package dev.reflux.jobs.operators;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.report.Reports;
import dev.reflux.jobs.report.StreamDriftReport;
import dev.reflux.jobs.wire.BatchRecord;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.util.Optional;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Watches the events themselves, features and labels, before anyone learns of them. Its output are drift records. */
public class StreamDriftOperator extends AbstractStreamOperator<OutgoingRecord>
        implements OneInputStreamOperator<BatchRecord, OutgoingRecord> {

    private static final long serialVersionUID = 1L;
    private static final String SECTION = "stream-drift-operator";
    private static final int VERSION = 2;

    private final JobSettings settings;

    private transient LearningPlan plan;
    private transient DriftWatch drift;
    private transient DistributionWatch distributions;
    private transient OperatorState state;

    public StreamDriftOperator(JobSettings settings) {
        this.settings = settings;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        plan = LearningPlan.of(settings);
        drift = DriftWatch.ofStream(plan.pipeline());
        distributions = DistributionWatch.ofStream(plan);
        state = new OperatorState("stream-drift", context);
        Optional<StateReader> saved = state.saved();
        if (saved.isPresent()) {
            StateReader section = saved.get().section(SECTION, VERSION);
            distributions = distributions.read(section);
            if (section.version() > 1) {
                drift = drift.read(section);
            }
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        new OperatorMetrics(getMetricGroup(), plan).streamDrift(drift, distributions);
    }

    @Override
    public void processElement(StreamRecord<BatchRecord> element) {
        MicroBatch batch = plan.open(element.getValue().packed());
        ModelOutputs none = new ModelOutputs(null, plan.classes());
        drift.watch(batch, none, none);
        distributions.watch(batch, none);
        drift.records(batch).forEach(found -> output.collect(new StreamRecord<>(found)));
        distributions.records(batch).forEach(found -> output.collect(new StreamRecord<>(found)));
    }

    @Override
    public void finish() throws Exception {
        Reports.add(getRuntimeContext(), new StreamDriftReport(drift.alarms() + distributions.alarms()));
        super.finish();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        state.save(new StateWriter().section(SECTION, VERSION, section -> {
            distributions.write(section);
            drift.write(section);
        }));
    }
}
