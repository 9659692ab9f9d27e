package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Vectors, as the mean and second moments of their {@link RandomFeatures}: their mean embedding. Gretton, Borgwardt, Rasch,
 * Schölkopf, Smola, "A Kernel Two-Sample Test", Journal of Machine Learning Research 13, 2012.
 */
public final class EmbeddingDistribution implements Distribution {

    private static final int VERSION = 1;
    private static final int SIZE = RandomFeatures.SIZE;

    private final RandomFeatures features;
    private final double[] sums = new double[SIZE];
    /** Sums of products, the lower triangle row by row. */
    private final double[] products = new double[SIZE * (SIZE + 1) / 2];

    private final double[] scratch = new double[SIZE];
    private long count;

    /**
     * @param dimensions of the vectors, at least 1
     * @param seed of the features; the same for all that are to be compared or merged
     * @param width of the Gaussian kernel, positive; 0 takes the median distance of the first 100 vectors
     */
    public EmbeddingDistribution(int dimensions, long seed, double width) {
        this(new RandomFeatures(dimensions, seed, width));
    }

    private EmbeddingDistribution(RandomFeatures features) {
        this.features = features;
    }

    /** An empty one whose vectors can be held against those of this one, by the same features. */
    public EmbeddingDistribution beside() {
        return new EmbeddingDistribution(features);
    }

    /** Takes in the vector at {@code from}; one with a NaN or an infinity is left out. */
    public void add(float[] vector, int from) {
        for (int d = 0; d < features.dimensions(); d++) {
            if (!(Math.abs(vector[from + d]) < Float.POSITIVE_INFINITY)) {
                return;
            }
        }
        if (features.isFitted()) {
            addFitted(vector, from);
            return;
        }
        features.fit(vector, from);
        if (features.isFitted()) {
            float[] held = features.takeSample();
            for (int place = 0; place < held.length; place += features.dimensions()) {
                addFitted(held, place);
            }
        }
    }

    private void addFitted(float[] vector, int from) {
        features.of(vector, from, scratch);
        int next = 0;
        for (int i = 0; i < SIZE; i++) {
            double one = scratch[i];
            sums[i] += one;
            for (int j = 0; j <= i; j++) {
                products[next++] += one * scratch[j];
            }
        }
        count++;
    }

    /** Vectors taken in; 0 until the kernel's width is known. */
    @Override
    public long count() {
        return count;
    }

    @Override
    public double estimate() {
        return Double.NaN;
    }

    /**
     * The squared maximum mean discrepancy and its probability between samples of one distribution. The squared distance of the two
     * means is {@code MMD^2 + (1/n + 1/m) tr C}, with {@code C} the features' covariance; under equal distributions
     * {@code n m / (n + m)} times it is a weighted sum of chi-square variables of mean {@code tr C} and variance {@code 2 tr C^2},
     * nearly a gamma variable of these.
     */
    Distance distance(EmbeddingDistribution other) {
        requireSameFeatures(other);
        double squared = 0;
        for (int i = 0; i < SIZE; i++) {
            double difference = sums[i] / count - other.sums[i] / other.count;
            squared += difference * difference;
        }
        double trace = 0;
        double traceOfSquare = 0;
        int next = 0;
        for (int i = 0; i < SIZE; i++) {
            for (int j = 0; j <= i; j++) {
                double covariance = products[next++] / count - sums[i] / count * (sums[j] / count);
                trace += i == j ? covariance : 0;
                traceOfSquare += (i == j ? 1 : 2) * covariance * covariance;
            }
        }
        double both = 1.0 / count + 1.0 / other.count;
        double value = squared - both * trace;
        if (!(trace > 0) || !(traceOfSquare > 0)) {
            return new Distance(value, squared > 0 ? 0 : 1);
        }
        double shape = trace * trace / (2 * traceOfSquare);
        double scale = 2 * traceOfSquare / trace;
        return new Distance(value, Gamma.upper(shape, squared / both / scale));
    }

    @Override
    public void merge(Distribution other) {
        EmbeddingDistribution more = Distribution.sameKind(EmbeddingDistribution.class, other);
        requireSameFeatures(more);
        for (int i = 0; i < sums.length; i++) {
            sums[i] += more.sums[i];
        }
        for (int i = 0; i < products.length; i++) {
            products[i] += more.products[i];
        }
        count += more.count;
    }

    boolean hasSettingsOf(EmbeddingDistribution other) {
        return features.hasSettingsOf(other.features);
    }

    private void requireSameFeatures(EmbeddingDistribution other) {
        if (!features.isAs(other.features)) {
            throw new IllegalArgumentException(
                    "embeddings by other features found; give all the same dimensions, seed and"
                            + " width, or make one beside() the other");
        }
    }

    @Override
    public void clear() {
        Arrays.fill(sums, 0);
        Arrays.fill(products, 0);
        count = 0;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        features.write(out);
        writeSums(out);
    }

    void writeSums(DataOutput out) throws IOException {
        out.writeLong(count);
        for (double sum : sums) {
            out.writeDouble(sum);
        }
        for (double product : products) {
            out.writeDouble(product);
        }
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static EmbeddingDistribution read(DataInput in) throws IOException {
        return States.read("embedding distribution", VERSION, in, version -> {
            EmbeddingDistribution vectors = new EmbeddingDistribution(RandomFeatures.read(in));
            vectors.readSums(in);
            return vectors;
        });
    }

    void readSums(DataInput in) throws IOException {
        count = in.readLong();
        for (int i = 0; i < sums.length; i++) {
            sums[i] = in.readDouble();
        }
        for (int i = 0; i < products.length; i++) {
            products[i] = in.readDouble();
        }
    }
}
