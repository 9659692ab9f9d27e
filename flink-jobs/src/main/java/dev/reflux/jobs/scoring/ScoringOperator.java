package dev.reflux.jobs.scoring;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.events.Rejection;
import dev.reflux.jobs.metrics.RefluxMetric;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.jobs.publish.StudentAccess;
import dev.reflux.jobs.records.PredictionJson;
import dev.reflux.jobs.rows.RawEvents;
import dev.reflux.jobs.rows.RawRows;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.jobs.wire.RawEvent;
import dev.reflux.jobs.wire.WireType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Scores events with the newest published student. Every subtask has each student by broadcast; it changes between two
 * batches, so that a batch is scored by one. Before the first event it waits for a first student. At a barrier nothing
 * waits to be scored: of the stream there is no state, only the student.
 */
public final class ScoringOperator extends AbstractStreamOperator<OutgoingRecord>
        implements TwoInputStreamOperator<RawEvent, OutgoingRecord, OutgoingRecord> {

    private static final long serialVersionUID = 1L;
    private static final Map<String, String> HEADERS = Map.of(CheckpointRecord.FORMAT_HEADER, PredictionJson.FORMAT);
    private static final MapStateDescriptor<String, OutgoingRecord> STUDENTS =
            new MapStateDescriptor<>("students", BasicTypeInfo.STRING_TYPE_INFO, WireType.OUTGOING);

    private final String pipelineFile;
    private final String bootstrapServers;

    private transient Pipeline pipeline;
    private transient String name;
    private transient Acceptance acceptance;
    private transient RawEvents rows;
    private transient PredictionJson json;
    private transient List<byte @Nullable []> keys;
    private transient BroadcastState<String, OutgoingRecord> students;
    private transient @Nullable LoadedStudent student;
    private transient Optional<Duration> maxDelay;
    private transient long batches;
    private transient Counter acceptedCounter;
    private transient Counter rejectedCounter;
    private transient Counter refusedCounter;

    /**
     * @param pipelineFile the effective pipeline file, as YAML
     * @param bootstrapServers the brokers that hold the first student
     */
    ScoringOperator(String pipelineFile, String bootstrapServers) {
        this.pipelineFile = pipelineFile;
        this.bootstrapServers = bootstrapServers;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        pipeline = PipelineReader.read(pipelineFile);
        String wanted = pipeline.scoring().student();
        name = wanted == null ? pipeline.students().get(0).name() : wanted;
        acceptance = StudentAccess.acceptance(pipeline, System.getenv());
        maxDelay = pipeline.scoring().maxDelay().duration();
        rows = new RawEvents(
                PipelineSpecs.eventSchema(pipeline),
                Math.toIntExact(pipeline.events().maxBytes().bytes()),
                pipeline.scoring().batch());
        json = new PredictionJson(pipeline.pipeline());
        keys = new ArrayList<>();
        students = context.getOperatorStateStore().getBroadcastState(STUDENTS);
    }

    @Override
    public void open() throws Exception {
        super.open();
        MetricGroup group = getMetricGroup().addGroup("reflux").addGroup("pipeline", pipeline.pipeline());
        String events = RefluxMetric.SCORING_EVENTS.flinkName();
        acceptedCounter = group.addGroup("result", "accepted").counter(events);
        rejectedCounter = group.addGroup("result", "rejected").counter(events);
        refusedCounter = group.counter(RefluxMetric.SCORING_REFUSED.flinkName());
        MetricGroup own = group.addGroup("student", name);
        own.gauge(RefluxMetric.SCORING_STEP.flinkName(), (Gauge<Long>) this::version);
        own.gauge(RefluxMetric.SCORING_SIZE.flinkName(), (Gauge<Long>) this::bytes);
        own.gauge(RefluxMetric.SCORING_TIMESTAMP.flinkName(), (Gauge<Double>) () -> createdMillis() / 1e3);
        OutgoingRecord saved = students.get(name);
        if (saved != null) {
            take(saved);
        }
        if (student == null) {
            student = new FirstStudent(pipeline, bootstrapServers, name, acceptance).await();
        }
    }

    private long version() {
        LoadedStudent at = student;
        return at == null ? 0 : at.manifest().step();
    }

    private long bytes() {
        LoadedStudent at = student;
        return at == null ? 0 : at.manifest().size();
    }

    private long createdMillis() {
        LoadedStudent at = student;
        return at == null ? 0 : at.manifest().created().toEpochMilli();
    }

    @Override
    public void processElement1(StreamRecord<RawEvent> element) {
        RawEvent event = element.getValue();
        boolean first = rows.isEmpty();
        Rejection rejection = rows.add(event.value(), event.partition(), event.offset(), event.timestamp());
        if (rejection != null) {
            rejectedCounter.inc();
            PredictionJson.Event about = new PredictionJson.Event(null, event.partition(), event.offset());
            send(event.key(), json.write(about, rejection), event.timestamp());
            return;
        }
        acceptedCounter.inc();
        keys.add(event.key());
        if (rows.isFull()) {
            score();
        } else if (first) {
            scoreInTime();
        }
    }

    /** Scores the batch that now fills when its time is up, unless it has been by then. */
    private void scoreInTime() {
        if (maxDelay.isEmpty()) {
            return;
        }
        long batch = batches;
        long due = processingTimeService.getCurrentProcessingTime()
                + maxDelay.get().toMillis();
        processingTimeService.registerTimer(due, time -> {
            if (batches == batch) {
                score();
            }
        });
    }

    private void score() {
        if (rows.isEmpty() || student == null) {
            return;
        }
        batches++;
        RawRows batch = rows.take();
        PredictionJson.Scorer scorer = student.scorer();
        float[] probabilities = student.score(batch);
        int classes = scorer.classes().size();
        for (int row = 0; row < batch.batch().size(); row++) {
            String id = batch.id(row);
            PredictionJson.Event event = new PredictionJson.Event(
                    id,
                    batch.batch().partitions().get(row),
                    batch.batch().offsets().get(row));
            byte[] key = keys.get(row);
            send(
                    key == null && id != null ? id.getBytes(StandardCharsets.UTF_8) : key,
                    json.write(event, scorer, probabilities, row * classes),
                    batch.batch().eventTimes().get(row));
        }
        keys.clear();
    }

    private void send(byte @Nullable [] key, byte[] value, long timestamp) {
        output.collect(new StreamRecord<>(new OutgoingRecord(key, value, HEADERS, timestamp)));
    }

    @Override
    public void processElement2(StreamRecord<OutgoingRecord> element) throws Exception {
        OutgoingRecord sent = element.getValue();
        boolean mine = sent.key() != null && name.equals(new String(sent.key(), StandardCharsets.UTF_8));
        // what was published before the student at hand comes again when the job starts; its record's time is its own
        if (mine && sent.timestamp() >= createdMillis() && take(sent)) {
            students.put(name, sent);
        }
    }

    /** Loads a student in place of the one at hand; false when it is none, or one that is older. */
    private boolean take(OutgoingRecord sent) {
        try {
            Checkpoint checkpoint = CheckpointRecord.decode(sent.key(), sent.value(), sent.kafkaHeaders(), acceptance);
            LoadedStudent before = student;
            if (before != null
                    && checkpoint
                            .manifest()
                            .created()
                            .isBefore(before.manifest().created())) {
                return false;
            }
            student = LoadedStudent.of(checkpoint, PipelineSpecs.eventSchema(pipeline));
            if (before != null) {
                before.close();
            }
            return true;
        } catch (CheckpointException e) {
            refusedCounter.inc();
            LOG.warn("a student of {} is passed over, the one at hand goes on: {}", name, e.getMessage());
            return false;
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        super.prepareSnapshotPreBarrier(checkpointId);
        score();
    }

    @Override
    public void finish() throws Exception {
        score();
        super.finish();
    }

    @Override
    public void close() throws Exception {
        if (student != null) {
            student.close();
        }
        super.close();
    }
}
