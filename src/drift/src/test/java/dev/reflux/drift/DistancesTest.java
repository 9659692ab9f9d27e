package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.special.Gamma;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;

/** Distances and probabilities against closed forms and a library. */
class DistancesTest {

    @Test
    void populationStability_ofTwoCells_isTheFormulaByHand() {
        double[] p = {0.5, 0.5};
        double[] q = {0.9, 0.1};
        // 0.4 ln(1.8) - 0.4 ln(0.2) = 0.4 ln(9)
        assertThat(Distances.populationStability(p, q)).isEqualTo(0.4 * Math.log(9), within(1e-15));
        assertThat(Distances.populationStability(q, p)).isEqualTo(0.4 * Math.log(9), within(1e-15));
        assertThat(Distances.populationStability(p, p)).isZero();
        assertThatThrownBy(() -> Distances.populationStability(p, new double[3]))
                .hasMessage("cells: 2 and 3 found, both must have the same");
    }

    @Test
    void jensenShannon_knownPairs_isInBits() {
        double[] left = {1, 0};
        double[] right = {0, 1};
        double[] even = {0.5, 0.5};
        assertThat(Distances.jensenShannon(left, right)).isEqualTo(1, within(1e-15));
        // H(3/4, 1/4) - (H(1, 0) + H(1/2, 1/2)) / 2 = 0.8113 - 0.5
        assertThat(Distances.jensenShannon(left, even)).isEqualTo(0.75 * log2(4 / 3.0) + 0.25 * 2 - 0.5, within(1e-15));
        assertThat(Distances.jensenShannon(even, left)).isEqualTo(Distances.jensenShannon(left, even), within(1e-15));
        assertThat(Distances.jensenShannon(even, even)).isZero();
    }

    /** Of a uniform one that moves by a decile, nine deciles stay as they were, the first is empty and the last has twice its share. */
    @Test
    void measures_ofAMovedUniform_areTheClosedForms() {
        int count = 1_000;
        NumericDistribution before = uniform(count, 0);
        NumericDistribution after = uniform(count, count / 10);
        double first = 0.5 / (count + 5.0);
        double usual = 100.5 / (count + 5.0);
        double last = 200.5 / (count + 5.0);
        double psi = (first - usual) * Math.log(first / usual) + (last - usual) * Math.log(last / usual);
        assertThat(Measure.PSI.compare(before, after).value()).isEqualTo(psi, within(1e-12));
        double jensenShannon = 0.5
                * (usual * log2(2 * usual / (usual + first))
                        + first * log2(2 * first / (usual + first))
                        + usual * log2(2 * usual / (usual + last))
                        + last * log2(2 * last / (usual + last)));
        assertThat(Measure.JENSEN_SHANNON.compare(before, after).value()).isEqualTo(jensenShannon, within(1e-12));
        Distance distance = Measure.KOLMOGOROV_SMIRNOV.compare(before, after);
        assertThat(distance.value()).isEqualTo(0.1, within(1e-12));
        assertThat(distance.probability()).isBetween(5e-5, 1e-4);
    }

    private static NumericDistribution uniform(int count, int shift) {
        NumericDistribution distribution = new NumericDistribution(1);
        for (int i = 0; i < count; i++) {
            distribution.add((i + shift + 0.5) / count);
        }
        return distribution;
    }

    /** Two normal distributions one apart differ most half way: by 2 Phi(1/2) - 1. */
    @Test
    void kolmogorovSmirnov_ofTwoNormals_isTheClosedForm() {
        Random random = new Random(3);
        NumericDistribution before = new NumericDistribution(1);
        NumericDistribution after = new NumericDistribution(2);
        for (int i = 0; i < 200_000; i++) {
            before.add(random.nextGaussian());
            after.add(random.nextGaussian() + 1);
        }
        double expected = 2 * new NormalDistribution().cumulativeProbability(0.5) - 1;
        assertThat(Measure.KOLMOGOROV_SMIRNOV.compare(before, after).value()).isEqualTo(expected, within(0.01));
    }

    @Test
    void kolmogorovSmirnovProbability_besideALibrary_isTheSame() {
        KolmogorovSmirnovTest library = new KolmogorovSmirnovTest();
        // its limit has no correction for small samples, which is Stephens'
        for (double x : new double[] {0.3, 0.5, 0.8, 1, 1.36, 1.63, 2, 3}) {
            double effective = Math.sqrt(1e12 / 2e6);
            double distance = x / (effective + 0.12 + 0.11 / effective);
            assertThat(Distances.kolmogorovSmirnovProbability(distance, 1_000_000, 1_000_000))
                    .isEqualTo(1 - library.ksSum(x, 1e-15, 10_000), within(1e-9));
        }
        for (int steps = 20; steps <= 60; steps += 10) {
            assertThat(Distances.kolmogorovSmirnovProbability(steps / 200.0, 200, 200))
                    .isEqualTo(library.exactP(steps / 200.0, 200, 200, false), within(0.02));
        }
        assertThat(Distances.kolmogorovSmirnovProbability(0, 100, 100)).isEqualTo(1);
        assertThat(Distances.kolmogorovSmirnovProbability(1, 1_000, 1_000)).isLessThan(1e-100);
    }

    @Test
    void chiSquareProbability_knownValues_isExact() {
        for (double x : new double[] {0.01, 0.5, 1, 3.84, 10, 50, 300}) {
            // two degrees of freedom are an exponential variable
            assertThat(Distances.chiSquareProbability(x, 2)).isEqualTo(Math.exp(-x / 2), within(1e-13));
            for (int degrees : new int[] {1, 3, 10, 100, 255}) {
                double expected = 1 - new ChiSquaredDistribution(degrees).cumulativeProbability(x);
                assertThat(Distances.chiSquareProbability(x, degrees)).isEqualTo(expected, within(1e-10));
            }
        }
        assertThat(Distances.chiSquareProbability(3.841458820694124, 1)).isEqualTo(0.05, within(1e-12));
        assertThat(Distances.chiSquareProbability(0, 5)).isEqualTo(1);
        assertThat(Distances.chiSquareProbability(7, 0)).isEqualTo(1);
        assertThat(Distances.chiSquareProbability(1e9, 5)).isZero();
    }

    @Test
    void logGamma_besideALibrary_isTheSame() {
        for (double a : new double[] {0.01, 0.5, 1, 1.5, 7, 127.5, 1e5}) {
            assertThat(dev.reflux.drift.Gamma.logGamma(a)).isEqualTo(Gamma.logGamma(a), within(1e-9 * Math.max(1, a)));
        }
    }

    /** The example of Benjamini and Hochberg's paper: of 15 tests at 0.05 the four smallest are rejected. */
    @Test
    void adjusted_exampleOfThePaper_rejectsFour() {
        double[] probabilities = {
            0.0298, 0.0001, 0.3240, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0344, 0.0459, 0.4262, 0.5719, 0.6528,
            0.7590, 1
        };
        double[] adjusted = Distances.adjusted(probabilities);
        assertThat(adjusted[1]).isEqualTo(0.0001 * 15, within(1e-12));
        assertThat(adjusted[3]).isEqualTo(0.0004 * 15 / 2, within(1e-12));
        assertThat(adjusted[4]).isEqualTo(0.0019 * 15 / 3, within(1e-12));
        assertThat(adjusted[5]).isEqualTo(0.0095 * 15 / 4, within(1e-12));
        assertThat(adjusted[14]).isEqualTo(1);
        assertThat(Arrays.stream(adjusted).filter(one -> one <= 0.05)).hasSize(4);
        // made monotonic: 0.0278 * 15 / 6 is above 0.0298 * 15 / 7
        assertThat(adjusted[7]).isEqualTo(adjusted[0]).isEqualTo(0.0298 * 15 / 7, within(1e-12));
        assertThat(Distances.adjusted(new double[0])).isEmpty();
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }
}
