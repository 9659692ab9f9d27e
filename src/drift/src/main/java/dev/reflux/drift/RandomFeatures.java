package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Random Fourier features of the Gaussian kernel {@code exp(-|x - y|^2 / (2 s^2))}: {@code cos} and {@code sin} of
 * {@value #FREQUENCIES} random projections, whose inner product is the kernel up to chance and whose length is 1. Rahimi, Recht,
 * "Random Features for Large-Scale Kernel Machines", NIPS 2007.
 *
 * <p>Unless the width {@code s} is given it is the median distance of the first {@value #SAMPLE} vectors, which are held until
 * then. The projections follow from the seed and are no part of the state. The same seed, width and vector give the same bits
 * on every machine.
 */
final class RandomFeatures {

    static final int FREQUENCIES = 64;
    static final int SIZE = 2 * FREQUENCIES;

    private static final int VERSION = 1;
    private static final int SAMPLE = 100;
    /** Waves are looked up and interpolated: within 3e-7 of the function, and the same on every machine. */
    private static final int WAVE = 4096;

    private static final double[] COSINE = new double[WAVE + 1];

    static {
        for (int i = 0; i <= WAVE; i++) {
            COSINE[i] = StrictMath.cos(2 * Math.PI * i / WAVE);
        }
    }

    private final int dimensions;
    private final long seed;
    private final double givenWidth;
    /** Standard normal, divided by 2 pi: whole numbers of their products with a vector are whole turns. */
    private final float[] projections;

    private double width;
    private float[] sample;
    private int sampled;

    /**
     * @param dimensions of the vectors, at least 1
     * @param width of the kernel, positive; 0 takes it from the first vectors
     */
    RandomFeatures(int dimensions, long seed, double width) {
        this.dimensions = Checks.atLeast(1, "dimensions", dimensions);
        if (width != 0) {
            Checks.positive("width", width);
        }
        this.seed = seed;
        this.givenWidth = width;
        this.width = width;
        this.sample = new float[width == 0 ? Math.multiplyExact(SAMPLE, dimensions) : 0];
        this.projections = new float[Math.multiplyExact(FREQUENCIES, dimensions)];
        SplitMix64 random = new SplitMix64(seed);
        for (int i = 0; i < projections.length; i++) {
            projections[i] = (float) (normal(random) / (2 * Math.PI));
        }
    }

    /** By the method of Box and Muller. */
    private static double normal(SplitMix64 random) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.unit()));
        return radius * StrictMath.cos(2 * Math.PI * random.unit());
    }

    int dimensions() {
        return dimensions;
    }

    boolean isFitted() {
        return width != 0;
    }

    boolean hasSettingsOf(RandomFeatures other) {
        return dimensions == other.dimensions && seed == other.seed && givenWidth == other.givenWidth;
    }

    /** Whether vectors have the same features here and there. */
    boolean isAs(RandomFeatures other) {
        return isFitted() && dimensions == other.dimensions && seed == other.seed && width == other.width;
    }

    /** Width of the kernel; 0 until enough vectors have been seen. */
    double width() {
        return width;
    }

    /** Holds a vector until the width can be told from enough of them. */
    void fit(float[] vector, int from) {
        System.arraycopy(vector, from, sample, sampled * dimensions, dimensions);
        if (++sampled == SAMPLE) {
            width = medianDistance();
        }
    }

    /** The vectors held, once {@link #isFitted}; they are forgotten. */
    float[] takeSample() {
        float[] held = Arrays.copyOf(sample, sampled * dimensions);
        sample = new float[0];
        sampled = 0;
        return held;
    }

    private double medianDistance() {
        double[] distances = new double[SAMPLE * (SAMPLE - 1) / 2];
        int next = 0;
        for (int i = 0; i < SAMPLE; i++) {
            for (int j = 0; j < i; j++) {
                double sum = 0;
                for (int d = 0; d < dimensions; d++) {
                    double difference = sample[i * dimensions + d] - sample[j * dimensions + d];
                    sum += difference * difference;
                }
                distances[next++] = StrictMath.sqrt(sum);
            }
        }
        Arrays.sort(distances);
        double median = distances[distances.length / 2];
        double largest = distances[distances.length - 1];
        // of vectors that are mostly equal the median says nothing
        return median > 0 ? median : largest > 0 ? largest : 1;
    }

    /** Writes the features of a vector, {@value #SIZE} numbers. */
    void of(float[] vector, int from, double[] features) {
        double scale = StrictMath.sqrt(1.0 / FREQUENCIES);
        for (int f = 0; f < FREQUENCIES; f++) {
            double turns = 0;
            for (int d = 0; d < dimensions; d++) {
                turns += projections[f * dimensions + d] * vector[from + d];
            }
            turns /= width;
            features[2 * f] = scale * cosine(turns);
            features[2 * f + 1] = scale * cosine(turns - 0.25);
        }
    }

    private static double cosine(double turns) {
        double place = (turns - Math.floor(turns)) * WAVE;
        int index = Math.min(WAVE - 1, (int) place);
        return COSINE[index] + (place - index) * (COSINE[index + 1] - COSINE[index]);
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeInt(dimensions);
        out.writeLong(seed);
        out.writeDouble(givenWidth);
        out.writeDouble(width);
        out.writeInt(sampled);
        for (int i = 0; i < sampled * dimensions; i++) {
            out.writeFloat(sample[i]);
        }
    }

    static RandomFeatures read(DataInput in) throws IOException {
        return States.read("random features", VERSION, in, version -> {
            RandomFeatures features = new RandomFeatures(in.readInt(), in.readLong(), in.readDouble());
            features.width = in.readDouble();
            features.sampled = in.readInt();
            if (features.isFitted()) {
                features.sample = new float[0];
            }
            for (int i = 0; i < features.sampled * features.dimensions; i++) {
                features.sample[i] = in.readFloat();
            }
            return features;
        });
    }
}
