package dev.reflux.distillation.loss;

import java.util.Arrays;

/** Distances between all rows of a step, and the way of a gradient from the distances back to the rows. */
final class PairDistances {

    private int count;
    /** {@code [count, count]}, symmetric. */
    private double[] distances = {};
    /** Derivative of a loss by the distance of {@code i < j}; mirrored for the way back. */
    private double[] slopes = {};

    private double[] sum = {};
    private double mean;

    void measure(RelationLoss.Rows rows) {
        count = rows.count();
        if (distances.length < count * count) {
            distances = new double[count * count];
            slopes = new double[count * count];
        }
        double total = 0;
        for (int i = 0; i < count; i++) {
            distances[i * count + i] = 0;
            for (int j = i + 1; j < count; j++) {
                double distance = Vectors.distance(rows.values(), rows.at(i), rows.values(), rows.at(j), rows.width());
                distances[i * count + j] = distance;
                distances[j * count + i] = distance;
                total += distance;
            }
        }
        mean = total / pairs();
        Arrays.fill(slopes, 0, count * count, 0);
    }

    /** Number of pairs. */
    int pairs() {
        return count * (count - 1) / 2;
    }

    double mean() {
        return mean;
    }

    double get(int i, int j) {
        return distances[i * count + j];
    }

    /** Adds to the derivative of the loss by a distance. */
    void addSlope(int i, int j, double slope) {
        slopes[i * count + j] += slope;
    }

    /** Adds {@code factor} times the gradient of the rows; rows that coincide have no direction and get none. */
    void addGradient(RelationLoss.Rows rows, double factor, float[] target) {
        int width = rows.width();
        if (sum.length < width) {
            sum = new double[width];
        }
        for (int i = 0; i < count; i++) {
            Arrays.fill(sum, 0, width, 0);
            for (int j = 0; j < count; j++) {
                double slope = slopes[i * count + j] + slopes[j * count + i];
                if (slope != 0 && get(i, j) > 0) {
                    addDifference(slope / get(i, j), rows.values(), rows.at(i), rows.at(j), width, sum);
                }
            }
            for (int k = 0; k < width; k++) {
                target[rows.at(i) + k] += (float) (factor * sum[k]);
            }
        }
    }

    private static void addDifference(double factor, float[] x, int at, int from, int width, double[] sum) {
        for (int k = 0; k < width; k++) {
            sum[k] += factor * ((double) x[at + k] - x[from + k]);
        }
    }
}
