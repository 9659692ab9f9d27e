package dev.reflux.events.generated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.events.EventDecoder;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import java.nio.charset.StandardCharsets;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DriftingStreamTest {

    private static final DriftingStreamSpec DEMO = DriftingStreamSpec.demo(7);

    @Test
    void event_anyOrder_isAlwaysTheSame() {
        DriftingStream forward = new DriftingStream(DEMO.withDriftEvery(100));
        DriftingStream backward = new DriftingStream(DEMO.withDriftEvery(100));
        byte[][] events = new byte[1000][];
        for (int i = 999; i >= 0; i--) {
            events[i] = backward.event(i);
        }
        for (int i = 0; i < 1000; i++) {
            assertThat(forward.event(i)).isEqualTo(events[i]);
        }
    }

    /** Other builds and machines must give the same stream, or results could not be compared. */
    @Test
    void event_firstOfTheDemo_isAsEver() {
        assertThat(text(new DriftingStream(DEMO).event(0)))
                .isEqualTo(("{'id':0,'x0':0.405,'x1':0.274,'x2':-1.081,'x3':1.183,'x4':0.491,'x5':-0.402,'x6':-1.008,"
                                + "'x7':-0.108,'x8':0.252,'x9':-0.564,'kind':4,'label':'C'}")
                        .replace('\'', '"'));
    }

    @Test
    void event_otherSeed_isAnotherStream() {
        assertThat(text(new DriftingStream(DriftingStreamSpec.demo(8)).event(5)))
                .isNotEqualTo(text(new DriftingStream(DEMO).event(5)));
    }

    @Test
    void event_decoded_hasTheLabelsAndShares() {
        DriftingStreamSpec spec = DEMO.withUnlabelled(0.9).withMissing(0.1);
        DriftingStream stream = new DriftingStream(spec);
        MicroBatch rows = decode(stream, 0, 20_000);
        int labelled = 0;
        int missing = 0;
        int[] classes = new int[4];
        for (int i = 0; i < rows.size(); i++) {
            assertThat(rows.labels().get(i)).isEqualTo(stream.labelled(i) ? stream.trueClass(i) : -1);
            labelled += stream.labelled(i) ? 1 : 0;
            classes[stream.trueClass(i)]++;
            assertThat(rows.categories().get(i)).isBetween(0, 4);
            for (int column = 0; column < 10; column++) {
                missing += Float.isNaN(rows.numeric().get(i * 10 + column)) ? 1 : 0;
            }
        }
        assertThat(labelled).isBetween(1_850, 2_150);
        assertThat(missing).isBetween(19_300, 20_700);
        for (int count : classes) {
            assertThat(count).isBetween(4_750, 5_250);
        }
    }

    @Test
    void conceptOf_changes_areAbruptAndGradualInTurn() {
        DriftingStream stream = new DriftingStream(DEMO.withDriftEvery(1000));
        assertThat(LongStream.range(0, 1000).map(stream::conceptOf)).containsOnly(0L);
        assertThat(LongStream.range(1000, 1750).map(stream::conceptOf)).containsOnly(1L);
        long early = LongStream.range(1750, 1875)
                .filter(i -> stream.conceptOf(i) == 2)
                .count();
        long late = LongStream.range(1875, 2000)
                .filter(i -> stream.conceptOf(i) == 2)
                .count();
        assertThat(early).isBetween(10L, 60L);
        assertThat(late).isBetween(65L, 115L);
        assertThat(LongStream.range(2000, 3000).map(stream::conceptOf)).containsOnly(2L);
        assertThat(LongStream.range(3000, 3750).map(stream::conceptOf)).containsOnly(3L);
    }

    /** What the demo is to show: a large network is well ahead of a small one, drift hurts and passes. */
    @Test
    void demo_networksOfThreeSizes_areWideApartAndRecoverFromDrift() {
        DriftingStream stream = new DriftingStream(DEMO.withDriftEvery(20_000));
        PlainNetwork large = new PlainNetwork(0.03f, 15, 128, 128, 4);
        PlainNetwork small = new PlainNetwork(0.03f, 15, 8, 4);
        PlainNetwork linear = new PlainNetwork(0.02f, 15, 4);
        double[] before = new double[3];
        double[] after = new double[3];
        double[] later = new double[3];
        MicroBatch rows = decode(stream, 0, 40_000);
        float[] input = new float[15];
        for (int i = 0; i < 34_000; i++) {
            for (int column = 0; column < 10; column++) {
                float value = rows.numeric().get(i * 10 + column);
                input[column] = Float.isNaN(value) ? 0 : value;
            }
            for (int kind = 0; kind < 5; kind++) {
                input[10 + kind] = rows.categories().get(i) == kind ? 1 : 0;
            }
            PlainNetwork[] networks = {large, small, linear};
            for (int n = 0; n < 3; n++) {
                double hit = networks[n].predict(input) == stream.trueClass(i) ? 1 : 0;
                before[n] += i >= 16_000 && i < 20_000 ? hit / 4_000 : 0;
                after[n] += i >= 20_000 && i < 21_000 ? hit / 1_000 : 0;
                later[n] += i >= 30_000 ? hit / 4_000 : 0;
                if (rows.labels().get(i) >= 0) {
                    networks[n].learn(rows.labels().get(i));
                }
            }
        }
        assertThat(before[0]).isBetween(0.80, 0.95);
        assertThat(before[0] - before[1]).as("large over small").isGreaterThan(0.1);
        assertThat(before[0] - before[2]).as("large over linear").isGreaterThan(0.2);
        assertThat(before[2]).as("linear over guessing").isGreaterThan(0.35);
        assertThat(before[0] - after[0]).as("dip after the change").isGreaterThan(0.1);
        assertThat(later[0]).as("recovered").isGreaterThan(before[0] - 0.03);
    }

    @Test
    void spec_wrongValues_areNamed() {
        assertThatThrownBy(() -> DEMO.withDriftEvery(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("events between changes: 0");
        assertThatThrownBy(() -> DEMO.withUnlabelled(1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unlabelled share: 1.5");
        assertThatThrownBy(() -> DEMO.withMissing(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DriftingStream(DEMO).event(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wide_event_has54Numbers() {
        DriftingStream stream = new DriftingStream(DriftingStreamSpec.wide(1));
        assertThat(stream.schema().numerics()).hasSize(54);
        assertThat(stream.schema().label().classes()).hasSize(7);
        assertThat(decode(stream, 1_000_000_000_000L, 100).size()).isEqualTo(100);
    }

    private static MicroBatch decode(DriftingStream stream, long first, int count) {
        EventDecoder decoder = new EventDecoder(stream.schema());
        MicroBatchBuilder batch = new MicroBatchBuilder(decoder.layout(), count);
        for (int i = 0; i < count; i++) {
            assertThat(decoder.decode(stream.event(first + i), 0, i, 0, batch)).isNull();
        }
        return batch.build(0);
    }

    private static String text(byte[] event) {
        return new String(event, StandardCharsets.UTF_8);
    }
}
