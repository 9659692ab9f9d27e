package dev.reflux.distillation.loss;

import java.util.Arrays;

/**
 * Similarity-preserving distillation: Tung and Mori, "Similarity-Preserving Knowledge Distillation", ICCV 2019. Rows that
 * excite the teacher's layer alike are to excite the student's alike.
 *
 * <pre>L = 1/n^2 * sum_i | g_i / |g_i| - h_i / |h_i| |^2      g_i = (s_i.s_1, ..., s_i.s_n),   h_i the same of the teacher</pre>
 *
 * <p>Zero for layers that are rotated and scaled images of each other. A row of zeros on either side is left out.
 * Costs the square of the rows times the width. Not for layers whose units have means far from zero: all inner products
 * are then alike, and the loss is near zero whatever is learned.
 */
public final class SimilarityPreservingLoss extends RelationLoss {

    static final LossType TYPE = LossType.ofRelations(
            "similarity-preserving",
            2,
            SimilarityPreservingLoss::new,
            LossOption.studentLayer("last"),
            LossOption.teacherLayer("last"));

    /** {@code [count, count]} each: inner products at length 1 per row, and the derivative by the student's. */
    private double[] own = {};

    private double[] other = {};
    private double[] slopes = {};
    private double[] slope = {};
    private double[] sum = {};

    SimilarityPreservingLoss(LossSettings settings) {
        super(TYPE, settings);
    }

    @Override
    double relate(Rows student, Rows teacher, double weight, float[] target) {
        int count = student.count();
        if (own.length < count * count) {
            own = new double[count * count];
            other = new double[count * count];
            slopes = new double[count * count];
            slope = new double[count];
        }
        multiply(student, own);
        multiply(teacher, other);
        double loss = 0;
        for (int i = 0; i < count; i++) {
            double length = normalise(own, i * count, count);
            boolean silent = length == 0 || normalise(other, i * count, count) == 0;
            for (int j = 0; j < count; j++) {
                double difference = silent ? 0 : own[i * count + j] - other[i * count + j];
                slope[j] = 2 * difference;
                loss += difference * difference;
            }
            if (!silent) {
                Vectors.throughNormalisation(own, i * count, length, slope, count);
            }
            System.arraycopy(slope, 0, slopes, i * count, count);
        }
        double mean = 1.0 / count / count;
        addGradient(student, weight * mean, target);
        return loss * mean;
    }

    private static void multiply(Rows rows, double[] products) {
        int count = rows.count();
        for (int i = 0; i < count; i++) {
            for (int j = i; j < count; j++) {
                double product = Vectors.dot(rows.values(), rows.at(i), rows.values(), rows.at(j), rows.width());
                products[i * count + j] = product;
                products[j * count + i] = product;
            }
        }
    }

    private static double normalise(double[] products, int at, int count) {
        double length = Math.sqrt(Vectors.dot(products, at, products, at, count));
        for (int j = 0; length > 0 && j < count; j++) {
            products[at + j] /= length;
        }
        return length;
    }

    private void addGradient(Rows rows, double factor, float[] target) {
        int count = rows.count();
        int width = rows.width();
        if (sum.length < width) {
            sum = new double[width];
        }
        for (int i = 0; i < count; i++) {
            Arrays.fill(sum, 0, width, 0);
            for (int j = 0; j < count; j++) {
                double both = slopes[i * count + j] + slopes[j * count + i];
                for (int k = 0; k < width; k++) {
                    sum[k] += both * rows.values()[rows.at(j) + k];
                }
            }
            for (int k = 0; k < width; k++) {
                target[rows.at(i) + k] += (float) (factor * sum[k]);
            }
        }
    }
}
