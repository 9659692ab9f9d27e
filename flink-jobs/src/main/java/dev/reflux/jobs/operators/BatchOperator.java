package dev.reflux.jobs.operators;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.DeadLetter;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.LabelMask;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.events.Rejection;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.report.IntakeReport;
import dev.reflux.jobs.report.Reports;
import dev.reflux.jobs.wire.BatchRecord;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.jobs.wire.RawEvent;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Decodes events and gathers them into micro-batches, which go on when they are full or, with {@code batch.maxDelay}, when
 * their first event has waited long enough. What cannot be used becomes a dead letter with its reason.
 */
public class BatchOperator extends AbstractStreamOperator<BatchRecord>
        implements OneInputStreamOperator<RawEvent, BatchRecord>, BoundedOneInput {

    private static final long serialVersionUID = 1L;
    private static final String SECTION = "batch-operator";
    private static final int VERSION = 1;

    private final JobSettings settings;

    private transient LearningPlan plan;
    private transient EventDecoder decoder;
    private transient MicroBatchBuilder builder;
    private transient Optional<Duration> maxDelay;
    private transient OperatorState state;
    private transient IntakeMetrics metrics;
    private transient long events;
    private transient long trained;
    private transient long deadLetters;
    private transient long batches;

    public BatchOperator(JobSettings settings) {
        this.settings = settings;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        plan = LearningPlan.of(settings);
        maxDelay = plan.pipeline().batch().maxDelay().duration();
        decoder = new EventDecoder(
                plan.schema(),
                Math.toIntExact(plan.pipeline().events().maxBytes().bytes()));
        builder = new MicroBatchBuilder(
                plan.batchLayout(),
                plan.pipeline().batch().size(),
                new LabelMask(settings.labelShare(), plan.pipeline().seed()));
        state = new OperatorState("batch", context);
        Optional<StateReader> saved = state.saved();
        if (saved.isPresent()) {
            StateReader section = saved.get().section(SECTION, VERSION);
            builder.restore(section.getBytes());
            events = section.getLong();
            trained = section.getLong();
            deadLetters = section.getLong();
            batches = section.getLong();
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        metrics = new OperatorMetrics(getMetricGroup(), plan).intake();
        if (!builder.isEmpty()) {
            sendInTime();
        }
    }

    @Override
    public void processElement(StreamRecord<RawEvent> element) {
        RawEvent event = element.getValue();
        boolean first = builder.isEmpty();
        events++;
        Rejection rejection =
                decoder.decode(event.value(), event.partition(), event.offset(), event.timestamp(), builder);
        if (rejection != null) {
            deadLetters++;
            metrics.rejected(rejection.reason());
            output.collect(Outputs.DEAD_LETTERS, new StreamRecord<>(deadLetter(event, rejection)));
            return;
        }
        metrics.accepted();
        if (builder.isFull()) {
            send();
        } else if (first) {
            sendInTime();
        }
    }

    private static OutgoingRecord deadLetter(RawEvent event, Rejection rejection) {
        DeadLetter letter = new DeadLetter(
                event.value(),
                event.key(),
                event.topic(),
                event.partition(),
                event.offset(),
                event.timestamp(),
                rejection.reason(),
                rejection.message());
        return new OutgoingRecord(letter.key(), letter.value(), letter.headers(), letter.timestamp());
    }

    private void send() {
        MicroBatch batch = builder.build(batches);
        output.collect(new StreamRecord<>(new BatchRecord(batch.packed())));
        batches++;
        trained += batch.size();
        metrics.batch(batch);
    }

    /** Sends the batch that now fills when its time is up, unless it has gone by then. */
    private void sendInTime() {
        if (maxDelay.isEmpty()) {
            return;
        }
        long batch = batches;
        long due = processingTimeService.getCurrentProcessingTime()
                + maxDelay.get().toMillis();
        processingTimeService.registerTimer(due, time -> {
            if (batches == batch && !builder.isEmpty()) {
                send();
            }
        });
    }

    @Override
    public void endInput() {
        long expected = settings.expectedEvents();
        if (expected != JobSettings.ENDLESS && events != expected) {
            // A report on a part of the stream would look like one on all of it.
            throw new IllegalStateException("the input ended after " + events + " events, " + expected
                    + " were expected: the topic " + plan.pipeline().topics().events()
                    + " holds fewer (its retention deletes events by their age, see retention.ms), or offsets without an"
                    + " event; fill it anew and run again");
        }
        if (!builder.isEmpty()) {
            send();
        }
    }

    @Override
    public void finish() throws Exception {
        Reports.add(getRuntimeContext(), new IntakeReport(events, trained, deadLetters, batches));
        super.finish();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        byte[] partial = builder.save();
        state.save(new StateWriter()
                .section(
                        SECTION,
                        VERSION,
                        section -> section.putBytes(partial)
                                .putLong(events)
                                .putLong(trained)
                                .putLong(deadLetters)
                                .putLong(batches)));
    }
}
