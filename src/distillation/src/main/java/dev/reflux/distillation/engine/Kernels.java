package dev.reflux.distillation.engine;

/**
 * Inner loops over contiguous floats. Each is a separate small method: the just-in-time compiler vectorises such loops
 * reliably, and not always those in larger methods.
 */
final class Kernels {

    private Kernels() {}

    /** {@code y += a * x}. */
    static void axpy(float a, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i++) {
            y[yAt + i] += a * x[xAt + i];
        }
    }

    /** Four {@link #axpy} in one pass over {@code y}. */
    static void axpy4(
            float a0,
            float a1,
            float a2,
            float a3,
            float[] x,
            int at0,
            int at1,
            int at2,
            int at3,
            float[] y,
            int yAt,
            int count) {
        for (int i = 0; i < count; i++) {
            y[yAt + i] += a0 * x[at0 + i] + a1 * x[at1 + i] + a2 * x[at2 + i] + a3 * x[at3 + i];
        }
    }

    /** Inner product; eight running sums, since the additions of one would wait for each other. */
    static float dot(float[] x, int xAt, float[] y, int yAt, int count) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = 0;
        for (int end = count - 7; i < end; i += 8) {
            s0 += x[xAt + i] * y[yAt + i];
            s1 += x[xAt + i + 1] * y[yAt + i + 1];
            s2 += x[xAt + i + 2] * y[yAt + i + 2];
            s3 += x[xAt + i + 3] * y[yAt + i + 3];
            s4 += x[xAt + i + 4] * y[yAt + i + 4];
            s5 += x[xAt + i + 5] * y[yAt + i + 5];
            s6 += x[xAt + i + 6] * y[yAt + i + 6];
            s7 += x[xAt + i + 7] * y[yAt + i + 7];
        }
        for (; i < count; i++) {
            s0 += x[xAt + i] * y[yAt + i];
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }

    /** Sum of squares in double precision. */
    static double squares(float[] x, int at, int count) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (int end = count - 3; i < end; i += 4) {
            s0 += (double) x[at + i] * x[at + i];
            s1 += (double) x[at + i + 1] * x[at + i + 1];
            s2 += (double) x[at + i + 2] * x[at + i + 2];
            s3 += (double) x[at + i + 3] * x[at + i + 3];
        }
        for (; i < count; i++) {
            s0 += (double) x[at + i] * x[at + i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** Moves the first {@code count} values a share of the way to the goal. */
    static void approach(float[] goal, float[] values, float share, int count) {
        for (int i = 0; i < count; i++) {
            values[i] += share * (goal[i] - values[i]);
        }
    }
}
