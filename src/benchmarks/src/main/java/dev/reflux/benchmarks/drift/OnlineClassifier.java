package dev.reflux.benchmarks.drift;

/** Softmax regression on features standardised by running statistics, one step per event. */
final class OnlineClassifier {

    private static final double RATE = 0.02;

    private final int features;
    private final int classes;
    private final double[] weights;
    private final double[] means;
    private final double[] squares;
    private final double[] standardised;
    private final double[] outputs;
    private long count;

    OnlineClassifier(int features, int classes) {
        this.features = features;
        this.classes = classes;
        this.weights = new double[classes * (features + 1)];
        this.means = new double[features];
        this.squares = new double[features];
        this.standardised = new double[features + 1];
        this.outputs = new double[classes];
    }

    /** Test, then train. Returns whether the prediction was right. */
    boolean predictAndLearn(float[] row, int label) {
        standardise(row);
        int predicted = predict();
        for (int c = 0; c < classes; c++) {
            double step = RATE * ((c == label ? 1 : 0) - outputs[c]);
            for (int f = 0; f <= features; f++) {
                weights[c * (features + 1) + f] += step * standardised[f];
            }
        }
        return predicted == label;
    }

    private void standardise(float[] row) {
        count++;
        standardised[features] = 1;
        for (int f = 0; f < features; f++) {
            double value = Float.isNaN(row[f]) ? means[f] : row[f];
            double before = value - means[f];
            means[f] += before / count;
            squares[f] += before * (value - means[f]);
            double deviation = Math.sqrt(squares[f] / count);
            standardised[f] = deviation > 0 ? Math.max(-5, Math.min(5, (value - means[f]) / deviation)) : 0;
        }
    }

    /** Leaves the classes' probabilities in {@link #outputs}. */
    private int predict() {
        int best = 0;
        for (int c = 0; c < classes; c++) {
            double sum = 0;
            for (int f = 0; f <= features; f++) {
                sum += weights[c * (features + 1) + f] * standardised[f];
            }
            outputs[c] = sum;
            best = sum > outputs[best] ? c : best;
        }
        double largest = outputs[best];
        double total = 0;
        for (int c = 0; c < classes; c++) {
            outputs[c] = Math.exp(outputs[c] - largest);
            total += outputs[c];
        }
        for (int c = 0; c < classes; c++) {
            outputs[c] /= total;
        }
        return best;
    }
}
