package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleToLongFunction;
import org.apache.datasketches.kll.KllDoublesSketch;
import org.apache.datasketches.quantilescommon.QuantileSearchCriteria;
import org.junit.jupiter.api.Test;

class QuantileSketchTest {

    @Test
    void ranks_upToK_areExact() {
        QuantileSketch sketch = new QuantileSketch(64, 1);
        double[] values = normals(64, 3);
        for (double value : values) {
            sketch.add(value);
        }
        Arrays.sort(values);
        QuantileSketch.Ranks ranks = sketch.ranks();
        for (int i = 0; i < values.length; i++) {
            assertThat(ranks.atMost(values[i])).isEqualTo(i + 1);
            assertThat(ranks.below(values[i])).isEqualTo(i);
            assertThat(ranks.quantile((i + 1) / 64.0)).isEqualTo(values[i]);
        }
        assertThat(ranks.quantile(0)).isEqualTo(values[0]).isEqualTo(sketch.min());
        assertThat(ranks.quantile(1)).isEqualTo(values[63]).isEqualTo(sketch.max());
    }

    @Test
    void ranks_millionValues_areWithinTheBoundInBoundedMemory() throws IOException {
        double[] values = normals(1_000_000, 5);
        for (int k : new int[] {128, 1024}) {
            QuantileSketch sketch = new QuantileSketch(k, 7);
            for (double value : values) {
                sketch.add(value);
            }
            assertThat(sketch.count()).isEqualTo(values.length);
            assertThat(sketch.ranks().atMost(Double.MAX_VALUE)).isEqualTo(values.length);
            assertThat(largestError(values, sketch.ranks()::atMost)).isLessThan(bound(k));
            assertThat(bytes(sketch).length).isLessThan(4 * k * Double.BYTES);
        }
    }

    /** A library's sketch of the same k: its draws are not seeded, so the errors of several are averaged. */
    @Test
    void ranks_besideDataSketches_areNearlyAsExact() {
        double ours = 0;
        double theirs = 0;
        for (int trial = 0; trial < 20; trial++) {
            double[] values = normals(50_000, trial);
            QuantileSketch sketch = new QuantileSketch(200, trial);
            KllDoublesSketch library = KllDoublesSketch.newHeapInstance(200);
            for (double value : values) {
                sketch.add(value);
                library.update(value);
            }
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            ours += largestError(sorted, sketch.ranks()::atMost);
            theirs += largestError(
                    sorted,
                    value -> Math.round(library.getRank(value, QuantileSearchCriteria.INCLUSIVE) * sorted.length));
        }
        // about a third more: theirs lets the lower levels use what room the upper ones leave
        assertThat(ours / theirs).isLessThan(2);
        assertThat(ours / 20).isLessThan(bound(200));
    }

    @Test
    void merge_ofParts_isAsExactAsTheWhole() {
        double[] values = normals(300_000, 11);
        QuantileSketch merged = new QuantileSketch(512, 1);
        for (int part = 0; part < 30; part++) {
            QuantileSketch sketch = new QuantileSketch(512, 100 + part);
            for (int i = 0; i < 10_000; i++) {
                sketch.add(values[part * 10_000 + i]);
            }
            merged.merge(sketch);
            assertThat(sketch.count()).isEqualTo(10_000);
        }
        assertThat(merged.count()).isEqualTo(values.length);
        assertThat(largestError(values, merged.ranks()::atMost)).isLessThan(bound(512));
        assertThat(merged.min()).isEqualTo(Arrays.stream(values).min().orElseThrow());
        assertThat(merged.max()).isEqualTo(Arrays.stream(values).max().orElseThrow());
        assertThatThrownBy(() -> merged.merge(new QuantileSketch(64, 1)))
                .hasMessage("k: 64 found, sketches of 512 can be merged with their like alone");
    }

    @Test
    void distance_ofTwoShiftedUniforms_isTheShift() {
        QuantileSketch here = new QuantileSketch(1024, 1);
        QuantileSketch there = new QuantileSketch(1024, 2);
        for (int i = 0; i < 100_000; i++) {
            here.add(i / 100_000.0);
            there.add(i / 100_000.0 + 0.125);
        }
        assertThat(here.ranks().distance(there.ranks())).isBetween(0.12, 0.13);
        assertThat(there.ranks().distance(here.ranks())).isEqualTo(here.ranks().distance(there.ranks()));
        assertThat(here.ranks().distance(here.ranks())).isZero();
    }

    @Test
    void read_atAnyPoint_continuesBitForBit() throws IOException {
        double[] values = normals(20_000, 13);
        QuantileSketch undisturbed = new QuantileSketch(32, 9);
        QuantileSketch restored = new QuantileSketch(32, 9);
        for (int i = 0; i < values.length; i++) {
            undisturbed.add(values[i]);
            restored.add(values[i]);
            if (i % 97 == 0) {
                restored = QuantileSketch.read(Detectors.input(bytes(restored)));
            }
        }
        assertThat(Arrays.equals(bytes(restored), bytes(undisturbed))).isTrue();
        assertThat(restored.ranks().quantile(0.5)).isEqualTo(undisturbed.ranks().quantile(0.5));
    }

    @Test
    void read_damagedOrNewer_isRefused() throws IOException {
        QuantileSketch sketch = new QuantileSketch(32, 9);
        sketch.add(-0.0);
        byte[] newer = bytes(sketch);
        newer[3] = 2;
        assertThatThrownBy(() -> QuantileSketch.read(Detectors.input(newer)))
                .hasMessage("quantile sketch state: version 2 found, this build reads up to 1");
        byte[] miscounted = bytes(sketch);
        miscounted[39] = 5;
        assertThatThrownBy(() -> QuantileSketch.read(Detectors.input(miscounted)))
                .hasMessage("quantile sketch state: damaged, a count of 5 with values that stand for 1");
    }

    @Test
    void add_notFinite_isRefused() {
        QuantileSketch sketch = new QuantileSketch(32, 9);
        assertThatThrownBy(() -> sketch.add(Double.NaN)).hasMessageStartingWith("value: NaN found");
        assertThat(sketch.count()).isZero();
        assertThatThrownBy(() -> sketch.ranks().quantile(0.5)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new QuantileSketch(7, 1)).hasMessage("k: 7 found, must be in [8, 65536]");
    }

    @Test
    void add_hotPath_allocatesNothing() {
        double[] values = normals(200_000, 5);
        QuantileSketch sketch = new QuantileSketch(QuantileSketch.DEFAULT_K, 1);
        addAll(sketch, values);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        addAll(sketch, values);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(values.length);
    }

    private static void addAll(QuantileSketch sketch, double[] values) {
        for (double value : values) {
            sketch.add(value);
        }
    }

    private static double[] normals(int count, long seed) {
        Random random = new Random(seed);
        return random.doubles(count).map(ignored -> random.nextGaussian()).toArray();
    }

    private static double bound(int k) {
        return 2.45 / Math.pow(k, 0.943);
    }

    private static double largestError(double[] values, DoubleToLongFunction atMost) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double largest = 0;
        int step = sorted.length / 1000;
        for (int i = 0; i < sorted.length; i += step) {
            largest = Math.max(largest, Math.abs(atMost.applyAsLong(sorted[i]) - (i + 1)) / (double) sorted.length);
        }
        return largest;
    }

    private static byte[] bytes(QuantileSketch sketch) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        sketch.write(new DataOutputStream(out));
        return out.toByteArray();
    }
}
