package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;

/** Each detector on streams so plain that its formula has a closed form. */
class DetectorFormulasTest {

    /**
     * 1 0 0 0 has its minimum at the last value: p = 1/4, s = sqrt(3/64) = 0.2165. Ones then raise p + s to 0.7041 at the sixth
     * value, above 1/4 + 2 s = 0.6830, and to 0.9033 at the fifteenth, above 1/4 + 3 s = 0.8995.
     */
    @Test
    void ddm_onesAfterABestTime_alarmsAtTheValueByHand() {
        Ddm ddm = new Ddm(2, 2, 3);
        for (double value : new double[] {1, 0, 0, 0, 1}) {
            assertThat(ddm.add(value)).isEqualTo(DriftLevel.NONE);
        }
        for (int n = 6; n < 15; n++) {
            assertThat(ddm.add(1)).as("value %d", n).isEqualTo(DriftLevel.WARNING);
        }
        assertThat(ddm.estimate()).isEqualTo(11.0 / 14, within(1e-12));

        assertThat(ddm.add(1)).isEqualTo(DriftLevel.DRIFT);
        assertThat(ddm.statistic()).isEqualTo(0.8 + Math.sqrt(0.16 / 15), within(1e-12));
        assertThat(ddm.threshold()).isEqualTo(0.25 + 3 * Math.sqrt(3.0 / 64), within(1e-12));
        assertThat(ddm.width()).isEqualTo(10);
        assertThat(ddm.estimate()).isEqualTo(1, within(1e-12));

        assertThat(ddm.add(0)).isEqualTo(DriftLevel.NONE);
        assertThat(ddm.width()).isEqualTo(1);
    }

    /** 40 distances of 10 and then k of 5 have mean (400 + 5k) / (40 + k) and variance 25 * 40 k / (40 + k)^2. */
    @Test
    void eddm_errorsAtHalfTheDistance_alarmsAtTheErrorByHand() {
        double largest = 10;
        int warned = 0;
        int alarmed = 0;
        for (int k = 1; alarmed == 0; k++) {
            double spread = (400.0 + 5 * k) / (40 + k) + 2 * Math.sqrt(25.0 * 40 * k) / (40 + k);
            largest = Math.max(largest, spread);
            warned = warned == 0 && spread < 0.95 * largest ? k : warned;
            alarmed = spread < 0.9 * largest ? k : 0;
        }
        Eddm eddm = new Eddm();
        for (int i = 1; i <= 400; i++) {
            assertThat(eddm.add(i % 10 == 0 ? 1 : 0)).isEqualTo(DriftLevel.NONE);
        }
        for (int k = 1; k <= alarmed; k++) {
            for (int i = 0; i < 4; i++) {
                assertThat(eddm.add(0)).isEqualTo(k > warned ? DriftLevel.WARNING : DriftLevel.NONE);
            }
            assertThat(eddm.add(1))
                    .as("error %d", k)
                    .isEqualTo(k == alarmed ? DriftLevel.DRIFT : k < warned ? DriftLevel.NONE : DriftLevel.WARNING);
        }
        assertThat(eddm.statistic()).isGreaterThan(1 / 0.9);
        assertThat(eddm.threshold()).isEqualTo(1 / 0.9);
        assertThat(eddm.width()).isEqualTo(5L * (alarmed - warned) + 1);
    }

    /** The cut is at the last of 100 zeros; after k ones the mean is k / (100 + k), the bound sqrt(k / (200 (100 + k)) ln(2000)). */
    @Test
    void hddmA_onesAfterZeros_alarmsAtTheValueByHand() {
        int expected = 1;
        while (expected / (100.0 + expected) < Math.sqrt(expected / (200.0 * (100 + expected)) * Math.log(2000))) {
            expected++;
        }
        HddmA hddm = new HddmA();
        assertThat(Detectors.alarms(hddm, zerosThenOnes(100, expected))).containsExactly(100 + expected - 1);
        assertThat(hddm.statistic()).isEqualTo(expected / (100.0 + expected), within(1e-12));
        assertThat(hddm.width()).isEqualTo(expected);
        assertThat(hddm.estimate()).isEqualTo(1);
    }

    /** A fall is the same upside down, and is signalled, forgotten or overlooked. */
    @Test
    void hddmA_zerosAfterOnes_isAlarmedAtOnAskedSidesAlone() {
        double[] values =
                Arrays.stream(zerosThenOnes(100, 100)).map(value -> 1 - value).toArray();
        double[] rising = zerosThenOnes(100, 100);
        assertThat(Detectors.alarms(new HddmA(0.001, 0.005, Sides.TWO_SIDED), values))
                .isEqualTo(Detectors.alarms(new HddmA(), rising))
                .hasSize(1);
        HddmA forgetting = new HddmA();
        assertThat(Detectors.alarms(forgetting, values)).isEmpty();
        assertThat(forgetting.estimate()).isZero();
        HddmA overlooking = new HddmA(0.001, 0.005, Sides.ONE_SIDED);
        assertThat(Detectors.alarms(overlooking, values)).isEmpty();
        assertThat(overlooking.estimate()).isEqualTo(0.5);
    }

    /** The cut is at the last of 50 zeros, and the mean of the ones after it is 1; b falls from 1 to lambda / (2 - lambda). */
    @Test
    void hddmW_onesAfterZeros_alarmsAtTheValueByHand() {
        double limit = 0.05 / 1.95;
        double before = limit + (1 - limit) * Math.pow(0.95, 98);
        int expected = 1;
        while (1
                <= Math.sqrt(
                        (before + limit + (1 - limit) * Math.pow(0.95, 2 * (expected - 1))) * Math.log(1000) / 2)) {
            expected++;
        }
        HddmW hddm = new HddmW();
        assertThat(Detectors.alarms(hddm, zerosThenOnes(50, expected))).containsExactly(50 + expected - 1);
        assertThat(hddm.statistic()).isEqualTo(1);
        assertThat(hddm.width()).isEqualTo(expected);
        assertThat(hddm.estimate()).isEqualTo(1);
    }

    /** Zeros leave the sum at -n delta, its minimum; the j-th of the ones after them adds 1 - j / (n + j) - delta. */
    @Test
    void pageHinkley_onesAfterZeros_alarmsAtTheValueByHand() {
        double sum = 0;
        int expected = 0;
        while (sum <= 20) {
            expected++;
            sum += 1 - expected / (200.0 + expected) - 0.01;
        }
        PageHinkley test = new PageHinkley(30, 0.01, 20, 10, 1, PageHinkley.Baseline.MINIMUM, Sides.ONE_SIDED);
        double[] values = zerosThenOnes(200, expected);
        assertThat(Detectors.alarms(test, values)).containsExactly(200 + expected - 1);
        assertThat(test.statistic()).isEqualTo(sum, within(1e-9));
        // the minimum, at 200, is placed at the end of the block before it, at 192
        assertThat(test.width()).isEqualTo(expected + 8);
        assertThat(test.estimate()).isEqualTo(expected / (expected + 8.0), within(1e-12));

        // held against zero, the sum must first make up for what it fell in quiet times
        PageHinkley fromZero = new PageHinkley(30, 0.01, 20, 10, 1, PageHinkley.Baseline.ZERO, Sides.ONE_SIDED);
        assertThat(Detectors.alarms(fromZero, values)).isEmpty();
    }

    @Test
    void kswin_probability_isTheExactOneOfTwoSamples() {
        assertThat(Kswin.probability(2, 2)).isEqualTo(1.0 / 3, within(1e-12));
        assertThat(Kswin.probability(1, 2)).isEqualTo(1);
        KolmogorovSmirnovTest exact = new KolmogorovSmirnovTest();
        for (int size : new int[] {5, 30, 60}) {
            for (int steps = 1; steps <= size; steps++) {
                assertThat(Kswin.probability(steps, size))
                        .as("%d/%d", steps, size)
                        .isEqualTo(exact.exactP((double) steps / size, size, size, false), within(1e-9));
            }
        }
    }

    /** Of 30 against 30 values, 13/30 has probability 0.0071 and 14/30 0.0025, so that 0.005 takes 14 steps. */
    @Test
    void kswin_thresholdOfTheDefaults_isTheCriticalDistance() {
        Kswin kswin = new Kswin();
        Detectors.alarms(kswin, Streams.STATIONARY_ERRORS.values(100, 1));
        assertThat(kswin.threshold()).isEqualTo(13.0 / 30);
        assertThat(Kswin.probability(13, 30)).isGreaterThan(0.005);
        assertThat(Kswin.probability(14, 30)).isLessThan(0.005);
    }

    /** The same draws, with the test and its probability from a library and the window as a plain list. */
    @Test
    void kswin_sampledWindow_alarmsWhereThePlainMethodDoes() {
        double[] values = Streams.ABRUPT_LEVELS.values(120_000, 9);
        values = Arrays.copyOf(values, 15_000);
        KolmogorovSmirnovTest library = new KolmogorovSmirnovTest();
        SplitMix64 random = new SplitMix64(5);
        Kswin kswin = new Kswin(0.005, 100, 30, 5);
        double[] window = new double[0];
        int alarms = 0;
        for (double value : values) {
            window = Arrays.copyOf(window, window.length + 1);
            window[window.length - 1] = value;
            if (window.length > 100) {
                window = Arrays.copyOfRange(window, 1, 101);
            }
            boolean drift = false;
            if (window.length == 100) {
                double[] newest = Arrays.copyOfRange(window, 70, 100);
                double[] drawn = draw(window, random);
                double distance = library.kolmogorovSmirnovStatistic(newest, drawn);
                drift = library.exactP(distance, 30, 30, false) <= 0.005 && distance > 0.1;
                window = drift ? newest : window;
            }
            assertThat(kswin.add(value) == DriftLevel.DRIFT).isEqualTo(drift);
            alarms += drift ? 1 : 0;
        }
        assertThat(alarms).isGreaterThan(10);
    }

    private static double[] draw(double[] window, SplitMix64 random) {
        int[] order = IntStream.range(0, 70).toArray();
        double[] drawn = new double[30];
        for (int i = 0; i < 30; i++) {
            int other = i + random.below(70 - i);
            int chosen = order[other];
            order[other] = order[i];
            order[i] = chosen;
            drawn[i] = window[chosen];
        }
        return drawn;
    }

    @Test
    void add_valueOutsideOfADetectorsRange_isRefused() {
        for (DriftDetector detector : List.of(new Ddm(), new HddmA(), new HddmW())) {
            assertThatThrownBy(() -> detector.add(1.5))
                    .hasMessage("value: 1.5 found, must be in [0, 1]: an error, a rate, a probability");
        }
        for (DriftDetector detector : List.of(new Eddm(), new Studd())) {
            assertThatThrownBy(() -> detector.add(0.5)).hasMessage("value: 0.5 found, must be 0 or 1: right or wrong");
        }
    }

    @Test
    void constructors_outOfRange_nameValueAndRule() {
        assertThatThrownBy(() -> new Ddm(1, 2, 3)).hasMessage("minValues: 1 found, must be at least 2");
        assertThatThrownBy(() -> new Ddm(30, 3, 2)).hasMessage("drift: 2.0 found, must be at least warning, 3.0");
        assertThatThrownBy(() -> new Ddm(30, 0, 2)).hasMessage("warning: 0.0 found, must be positive and finite");
        assertThatThrownBy(() -> new Eddm(30, 0, 0.95, 0.9)).hasMessage("minErrors: 0 found, must be at least 1");
        assertThatThrownBy(() -> new Eddm(30, 30, 0.9, 0.95))
                .hasMessage("drift: 0.95 found, must be at most warning, 0.9");
        assertThatThrownBy(() -> new HddmA(0.01, 0.005, Sides.ONE_SIDED))
                .hasMessage("warning: 0.005 found, must be at least drift, 0.01");
        assertThatThrownBy(() -> new HddmW(0.01, 0.05, 1, Sides.ONE_SIDED))
                .hasMessage("lambda: 1.0 found, must be in (0, 1)");
        assertThatThrownBy(() -> new PageHinkley(30, -1, 50, 25, 1, PageHinkley.Baseline.MINIMUM, Sides.ONE_SIDED))
                .hasMessage("delta: -1.0 found, must be finite and not negative");
        assertThatThrownBy(() -> new PageHinkley(30, 0, 50, 60, 1, PageHinkley.Baseline.MINIMUM, Sides.ONE_SIDED))
                .hasMessage("warning: 60.0 found, must be at most lambda, 50.0");
        assertThatThrownBy(() -> new PageHinkley(30, 0, 50, 25, 1.1, PageHinkley.Baseline.MINIMUM, Sides.ONE_SIDED))
                .hasMessage("alpha: 1.1 found, must be in (0, 1]");
        assertThatThrownBy(() -> new Kswin(0.005, 50, 30, 1))
                .hasMessage("window: 50 found, must be in [2 * recent, 1048576], recent is 30");
        assertThatThrownBy(() -> new Kswin(0.005, 50, 4, 1))
                .hasMessageStartingWith(
                        "alpha: 0.005 found, but the smallest probability that 4 values can have is 0.02");
        assertThatThrownBy(() -> new Studd(1, Adwin.Direction.BOTH)).hasMessage("delta: 1.0 found, must be in (0, 1)");
    }

    private static double[] zerosThenOnes(int zeros, int ones) {
        double[] values = new double[zeros + ones];
        Arrays.fill(values, zeros, values.length, 1);
        return values;
    }
}
