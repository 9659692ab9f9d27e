package dev.reflux.distillation.loss;

/** Inner loops over runs of doubles, each small enough to be vectorised. */
final class Vectors {

    private Vectors() {}

    /** {@code y += a * x}. */
    static void axpy(double a, double[] x, int xAt, double[] y, int yAt, int count) {
        for (int i = 0; i < count; i++) {
            y[yAt + i] += a * x[xAt + i];
        }
    }

    /** Inner product; four running sums, since the additions of one would wait for each other. */
    static double dot(double[] x, int xAt, double[] y, int yAt, int count) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (int end = count - 3; i < end; i += 4) {
            s0 += x[xAt + i] * y[yAt + i];
            s1 += x[xAt + i + 1] * y[yAt + i + 1];
            s2 += x[xAt + i + 2] * y[yAt + i + 2];
            s3 += x[xAt + i + 3] * y[yAt + i + 3];
        }
        for (; i < count; i++) {
            s0 += x[xAt + i] * y[yAt + i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** {@link #dot(double[], int, double[], int, int)} of two runs of floats, summed in double precision. */
    static double dot(float[] x, int xAt, float[] y, int yAt, int count) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (int end = count - 3; i < end; i += 4) {
            s0 += (double) x[xAt + i] * y[yAt + i];
            s1 += (double) x[xAt + i + 1] * y[yAt + i + 1];
            s2 += (double) x[xAt + i + 2] * y[yAt + i + 2];
            s3 += (double) x[xAt + i + 3] * y[yAt + i + 3];
        }
        for (; i < count; i++) {
            s0 += (double) x[xAt + i] * y[yAt + i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** Euclidean distance of two runs of floats. */
    static double distance(float[] x, int xAt, float[] y, int yAt, int count) {
        double s0 = 0;
        double s1 = 0;
        int i = 0;
        for (int end = count - 1; i < end; i += 2) {
            double first = (double) x[xAt + i] - y[yAt + i];
            double second = (double) x[xAt + i + 1] - y[yAt + i + 1];
            s0 += first * first;
            s1 += second * second;
        }
        if (i < count) {
            double last = (double) x[xAt + i] - y[yAt + i];
            s0 += last * last;
        }
        return Math.sqrt(s0 + s1);
    }

    /**
     * Takes the gradient of a vector of length 1 back to the vector that was brought to that length.
     *
     * @param unit the vector of length 1
     * @param length that it had before
     * @param gradient of {@code unit}, in place
     */
    static void throughNormalisation(double[] unit, int at, double length, double[] gradient, int count) {
        double along = dot(gradient, 0, unit, at, count);
        for (int i = 0; i < count; i++) {
            gradient[i] = (gradient[i] - along * unit[at + i]) / length;
        }
    }
}
