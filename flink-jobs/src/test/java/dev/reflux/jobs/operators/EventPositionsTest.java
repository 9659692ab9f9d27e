package dev.reflux.jobs.operators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Label;
import dev.reflux.events.LabelMask;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.events.NumericFeature;
import dev.reflux.events.Presence;
import dev.reflux.jobs.records.DriftRecordJson.Position;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventPositionsTest {

    private static final int BATCHES = 20_000;
    private static final int SIZE = 4;

    private final EventSchema schema = EventSchema.of(
            List.of(new NumericFeature("x", "/x", Presence.REQUIRED)), new Label("/label", List.of("no", "yes")));
    private final EventDecoder decoder = new EventDecoder(schema, 1024);
    private final MicroBatchBuilder builder = new MicroBatchBuilder(schema.layout(), SIZE, new LabelMask(1, 1));

    /** Offsets have gaps: event {@code i} lies at {@code 2 i}, its time is {@code 1000 i}. */
    private MicroBatch batch(long first) {
        for (long event = first; event < first + SIZE; event++) {
            decoder.decode(
                    "{\"x\":1,\"label\":null}".getBytes(StandardCharsets.UTF_8), 3, 2 * event, 1000 * event, builder);
        }
        return builder.build(first / SIZE);
    }

    @Test
    void atOrBefore_recentEvent_isTheStartOfItsBatch() {
        EventPositions positions = filled();
        for (long event = (BATCHES - 200) * SIZE; event < BATCHES * SIZE; event++) {
            long first = event / SIZE * SIZE;
            assertThat(positions.atOrBefore(event)).isEqualTo(new Position(3, 2 * first, 1000 * first));
        }
    }

    /** The further back, the coarser: within a twentieth of the way back. */
    @Test
    void atOrBefore_anyEvent_isBeforeItByAShareOfItsDistance() {
        EventPositions positions = filled();
        long now = (long) BATCHES * SIZE;
        for (long event = 0; event < now; event += 37) {
            Position found = positions.atOrBefore(event);
            assertThat(found).isNotNull();
            assertThat(found.offset()).isLessThanOrEqualTo(2 * event);
            assertThat(event - found.offset() / 2).isLessThanOrEqualTo(SIZE + (now - event) / 20);
        }
    }

    @Test
    void atOrBefore_beforeAllThatIsKnown_isNone() {
        EventPositions positions = new EventPositions();
        assertThat(positions.atOrBefore(0)).isNull();
        positions.add(100, batch(100));
        assertThat(positions.atOrBefore(99)).isNull();
    }

    @Test
    void read_whatWasWritten_goesOnTheSame() {
        EventPositions positions = filled();
        StateWriter state = new StateWriter();
        positions.write(state);
        EventPositions restored = EventPositions.read(new StateReader(state.toBytes()));
        for (long first = (long) BATCHES * SIZE; first < (BATCHES + 1_000L) * SIZE; first += SIZE) {
            positions.add(first, batch(first));
            restored.add(first, batch(first));
        }
        StateWriter expected = new StateWriter();
        positions.write(expected);
        StateWriter found = new StateWriter();
        restored.write(found);
        assertThat(found.toBytes()).isEqualTo(expected.toBytes());
        assertThat(expected.toBytes()).hasSizeLessThan(16_000);
    }

    private EventPositions filled() {
        EventPositions positions = new EventPositions();
        for (long first = 0; first < (long) BATCHES * SIZE; first += SIZE) {
            positions.add(first, batch(first));
        }
        return positions;
    }
}
