package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class DistributionTest {

    /** Samples of one distribution: each measure's probability is below 0.05 in about 5 of 100 cases, below 0.01 in one. */
    @Test
    void probability_ofEqualDistributions_isUniform() {
        assertFalseAlarms(500, Measure.PSI, (random, size) -> numbers(random, size, 0));
        assertFalseAlarms(500, Measure.JENSEN_SHANNON, (random, size) -> numbers(random, size, 0));
        assertFalseAlarms(500, Measure.KOLMOGOROV_SMIRNOV, (random, size) -> numbers(random, size, 0));
        assertFalseAlarms(500, Measure.PSI, (random, size) -> codes(random, size, 0.3));
        assertFalseAlarms(500, Measure.JENSEN_SHANNON, (random, size) -> codes(random, size, 0.3));
        assertFalseAlarms(500, Measure.CALIBRATION, (random, size) -> outcomes(random, size, 0.1));
        assertFalseAlarms(100, Measure.MMD, (random, size) -> vectors(random, size, 0));
    }

    private static void assertFalseAlarms(int size, Measure measure, BiFunction<Random, Integer, Distribution> sample) {
        int trials = 500;
        Random random = new Random(17);
        int at5 = 0;
        int at1 = 0;
        for (int trial = 0; trial < trials; trial++) {
            double probability = measure.compare(sample.apply(random, 3 * size), sample.apply(random, size))
                    .probability();
            at5 += probability <= 0.05 ? 1 : 0;
            at1 += probability <= 0.01 ? 1 : 0;
        }
        assertThat(at5 / (double) trials).as("%s at 0.05", measure).isBetween(0.015, 0.085);
        assertThat(at1 / (double) trials).as("%s at 0.01", measure).isLessThan(0.028);
    }

    @Test
    void compare_changedDistributions_isFarAndSignificant() {
        Random random = new Random(23);
        assertFar(Measure.PSI, numbers(random, 3_000, 0), numbers(random, 1_000, 0.8));
        assertFar(Measure.JENSEN_SHANNON, numbers(random, 3_000, 0), numbers(random, 1_000, 0.8));
        assertFar(Measure.KOLMOGOROV_SMIRNOV, numbers(random, 3_000, 0), numbers(random, 1_000, 0.8));
        assertFar(Measure.PSI, codes(random, 3_000, 0.3), codes(random, 1_000, 0.6));
        assertFar(Measure.JENSEN_SHANNON, codes(random, 3_000, 0.3), codes(random, 1_000, 0.6));
        assertFar(Measure.CALIBRATION, outcomes(random, 3_000, 0), outcomes(random, 1_000, 0.3));
        assertFar(Measure.MMD, vectors(random, 3_000, 0), vectors(random, 1_000, 0.8));
    }

    private static void assertFar(Measure measure, Distribution reference, Distribution current) {
        Distance distance = measure.compare(reference, current);
        assertThat(distance.value()).as("%s", measure).isGreaterThan(measure.defaultDrift());
        assertThat(distance.probability()).as("%s", measure).isLessThan(1e-6);
    }

    /**
     * Standard normal vectors in d dimensions, moved by c in each, with a kernel of width s: the kernel's mean is
     * (1 + 2/s^2)^(-d/2) within one sample and exp(-d c^2 / (2 (s^2 + 2))) times that between the two.
     */
    @Test
    void mmd_ofMovedNormals_isTheClosedForm() {
        Random random = new Random(29);
        double width = 2;
        for (double move : new double[] {0, 0.25, 0.5, 1}) {
            EmbeddingDistribution before = new EmbeddingDistribution(4, 31, width);
            EmbeddingDistribution after = before.beside();
            for (int i = 0; i < 40_000; i++) {
                before.add(vector(random, 4, 0), 0);
                after.add(vector(random, 4, move), 0);
            }
            double within = Math.pow(1 + 2 / (width * width), -2);
            double expected = 2 * within * (1 - Math.exp(-4 * move * move / (2 * (width * width + 2))));
            // 64 random frequencies estimate the kernel within some hundredths
            assertThat(before.distance(after).value()).isEqualTo(expected, within(0.004 + 0.25 * expected));
        }
    }

    @Test
    void numeric_missingValues_areACellOfTheirOwn() {
        NumericDistribution full = new NumericDistribution(1);
        NumericDistribution holed = new NumericDistribution(2);
        for (int i = 0; i < 1_000; i++) {
            full.add(i);
            holed.add(i % 2 == 0 ? i : Double.NaN);
        }
        holed.add(Double.POSITIVE_INFINITY);
        assertThat(holed.count()).isEqualTo(1_001);
        assertThat(holed.present()).isEqualTo(500);
        assertThat(holed.estimate()).isEqualTo(499);
        assertThat(Measure.PSI.compare(full, holed).value()).isGreaterThan(1);
        assertThat(Measure.KOLMOGOROV_SMIRNOV.compare(full, holed).value()).isLessThan(0.002);
        NumericDistribution empty = new NumericDistribution(3);
        empty.add(Double.NaN);
        assertThat(Measure.KOLMOGOROV_SMIRNOV.compare(full, empty).value()).isNaN();
        assertThat(empty.estimate()).isNaN();
    }

    /** A constant that falls would stay in the cell up to it, were there no cell below. */
    @Test
    void numeric_constantThatFalls_isFar() {
        NumericDistribution before = new NumericDistribution(1);
        NumericDistribution after = new NumericDistribution(2);
        for (int i = 0; i < 500; i++) {
            before.add(5);
            after.add(3);
        }
        assertThat(Measure.PSI.compare(before, after).value()).isGreaterThan(5);
        assertThat(Measure.PSI.compare(after, before).value()).isGreaterThan(5);
        assertThat(Measure.PSI.compare(before, before).value()).isZero();
    }

    @Test
    void category_manyCodes_takeBoundedMemory() throws IOException {
        CategoryDistribution codes = new CategoryDistribution(16_777_216);
        for (int i = 0; i < 100_000; i++) {
            codes.add(i * 131);
        }
        codes.add(-1);
        assertThat(codes.count()).isEqualTo(100_001);
        assertThat(bytes(codes)).hasSizeLessThan(3_000);
        assertThatThrownBy(() -> codes.add(16_777_216))
                .hasMessage("code: 16777216 found, must be below the size, 16777216");
        assertThatThrownBy(() -> Measure.PSI.compare(codes, new CategoryDistribution(3)))
                .hasMessage("size: 16777216 and 3 found, codes must be of one set to be compared");
    }

    @Test
    void category_rareCodes_areOneCell() {
        CategoryDistribution before = new CategoryDistribution(200);
        CategoryDistribution after = new CategoryDistribution(200);
        for (int i = 0; i < 1_000; i++) {
            before.add(i % 10 == 0 ? i % 200 : 0);
            after.add(i % 10 == 0 ? (i + 7) % 200 : 0);
        }
        // the rare tenth has moved to other codes, each of which is rare
        assertThat(Measure.PSI.compare(before, after).probability()).isGreaterThan(0.5);
    }

    @Test
    void calibration_sureAndHalfRight_hasTheErrorByHand() {
        CalibrationDistribution outcomes = new CalibrationDistribution();
        assertThat(outcomes.estimate()).isNaN();
        for (int i = 0; i < 100; i++) {
            outcomes.add(0.9, i % 2);
            outcomes.add(0.6, i % 10 < 7 ? 1 : 0);
        }
        // half of the predictions say 0.9 and are right by half, half say 0.6 and are right by 0.7
        assertThat(outcomes.estimate()).isEqualTo((0.4 + 0.1) / 2, within(1e-12));
        outcomes.add(1, 1);
        outcomes.add(0, 0);
        assertThat(outcomes.count()).isEqualTo(202);
        assertThatThrownBy(() -> outcomes.add(1.1, 1)).hasMessageStartingWith("value: 1.1 found");
        assertThatThrownBy(() -> outcomes.add(1, 2)).hasMessageStartingWith("value: 2.0 found");
    }

    @Test
    void merge_ofParts_isTheWhole() {
        Random random = new Random(37);
        CategoryDistribution codes = new CategoryDistribution(5);
        CategoryDistribution codesInParts = new CategoryDistribution(5);
        CalibrationDistribution outcomes = new CalibrationDistribution();
        CalibrationDistribution outcomesInParts = new CalibrationDistribution();
        EmbeddingDistribution vectors = new EmbeddingDistribution(3, 1, 1);
        EmbeddingDistribution vectorsInParts = vectors.beside();
        NumericDistribution numbers = new NumericDistribution(1);
        NumericDistribution numbersInParts = new NumericDistribution(2);
        for (int part = 0; part < 4; part++) {
            CategoryDistribution someCodes = new CategoryDistribution(5);
            CalibrationDistribution someOutcomes = new CalibrationDistribution();
            EmbeddingDistribution someVectors = new EmbeddingDistribution(3, 1, 1);
            NumericDistribution someNumbers = new NumericDistribution(3 + part);
            for (int i = 0; i < 200; i++) {
                int code = random.nextInt(6) - 1;
                codes.add(code);
                someCodes.add(code);
                double confidence = random.nextInt(1024) / 1024.0;
                outcomes.add(confidence, code & 1);
                someOutcomes.add(confidence, code & 1);
                float[] vector = vector(random, 3, 0);
                vectors.add(vector, 0);
                someVectors.add(vector, 0);
                numbers.add(code < 0 ? Double.NaN : vector[0]);
                someNumbers.add(code < 0 ? Double.NaN : vector[0]);
            }
            codesInParts.merge(someCodes);
            outcomesInParts.merge(someOutcomes);
            vectorsInParts.merge(someVectors);
            numbersInParts.merge(someNumbers);
        }
        assertThat(Measure.PSI.compare(codes, codesInParts)).isEqualTo(new Distance(0, 1));
        assertThat(Measure.CALIBRATION.compare(outcomes, outcomesInParts).value())
                .isEqualTo(0, within(1e-12));
        assertThat(Measure.PSI.compare(numbers, numbersInParts)).isEqualTo(new Distance(0, 1));
        assertThat(numbersInParts.count()).isEqualTo(800);
        Distance distance = Measure.MMD.compare(vectors, vectorsInParts);
        assertThat(distance.value()).isNegative().isGreaterThan(-0.01);
        assertThat(distance.probability()).isEqualTo(1, within(1e-9));
        assertThatThrownBy(() -> numbers.merge(codes))
                .hasMessage("a CategoryDistribution found beside a NumericDistribution; only the same kind can be held"
                        + " against each other");
        assertThatThrownBy(() -> vectors.merge(new EmbeddingDistribution(3, 2, 1)))
                .hasMessageStartingWith("embeddings by other features found");
    }

    @Test
    void embedding_withoutAWidth_takesTheMedianDistanceOfTheFirst100() throws IOException {
        EmbeddingDistribution vectors = new EmbeddingDistribution(1, 1, 0);
        for (int i = 0; i < 99; i++) {
            vectors.add(new float[] {i % 2}, 0);
            vectors.add(new float[] {Float.NaN}, 0);
        }
        assertThat(vectors.count()).isZero();
        EmbeddingDistribution restored = EmbeddingDistribution.read(Detectors.input(bytes(vectors)));
        vectors.add(new float[] {1}, 0);
        restored.add(new float[] {1}, 0);
        assertThat(vectors.count()).isEqualTo(100);
        assertThat(bytes(restored)).isEqualTo(bytes(vectors));
        // the median of the distances 0 and 1, of which there are a few more ones
        assertThat(RandomFeatures.read(Detectors.input(featuresOf(vectors))).width())
                .isEqualTo(1);
    }

    /** The features come behind the distribution's version. */
    private static byte[] featuresOf(EmbeddingDistribution vectors) throws IOException {
        byte[] state = bytes(vectors);
        return java.util.Arrays.copyOfRange(state, Integer.BYTES, state.length);
    }

    @Test
    void read_everyKind_continuesBitForBit() throws IOException {
        Random random = new Random(41);
        List<Distribution> distributions = new ArrayList<>(List.of(
                numbers(random, 5_000, 0),
                codes(random, 500, 0.4),
                outcomes(random, 500, 0.1),
                vectors(random, 500, 0)));
        for (Distribution distribution : distributions) {
            byte[] state = bytes(distribution);
            Distribution restored = Distribution.Kind.of(distribution).read(Detectors.input(state));
            assertThat(bytes(restored)).isEqualTo(state);
            assertThat(restored.count()).isEqualTo(distribution.count());
            assertThat(restored.estimate()).isEqualTo(Double.valueOf(distribution.estimate()));
            state[3] = 9;
            assertThatThrownBy(() -> Distribution.Kind.of(distribution).read(Detectors.input(state)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("version 9 found, this build reads up to 1");
            distribution.clear();
            assertThat(distribution.count()).isZero();
        }
    }

    private static NumericDistribution numbers(Random random, int count, double move) {
        NumericDistribution numbers = new NumericDistribution(random.nextLong());
        for (int i = 0; i < count; i++) {
            numbers.add(random.nextGaussian() + move);
        }
        return numbers;
    }

    private static CategoryDistribution codes(Random random, int count, double shareOfFirst) {
        CategoryDistribution codes = new CategoryDistribution(8);
        for (int i = 0; i < count; i++) {
            codes.add(random.nextDouble() < shareOfFirst ? 0 : 1 + random.nextInt(7));
        }
        return codes;
    }

    private static CalibrationDistribution outcomes(Random random, int count, double overconfidence) {
        CalibrationDistribution outcomes = new CalibrationDistribution();
        for (int i = 0; i < count; i++) {
            double confidence = 0.5 + random.nextDouble() / 2;
            outcomes.add(confidence, random.nextDouble() < confidence - overconfidence ? 1 : 0);
        }
        return outcomes;
    }

    private static EmbeddingDistribution vectors(Random random, int count, double move) {
        EmbeddingDistribution vectors = new EmbeddingDistribution(6, 43, 3);
        for (int i = 0; i < count; i++) {
            vectors.add(vector(random, 6, move), 0);
        }
        return vectors;
    }

    private static float[] vector(Random random, int dimensions, double move) {
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) (random.nextGaussian() + move);
        }
        return vector;
    }

    static byte[] bytes(Distribution distribution) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        distribution.write(new DataOutputStream(out));
        return out.toByteArray();
    }
}
